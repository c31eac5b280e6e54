/* JPEG files: sizes, limits, forms that are not read, damage, and missing ends. */
#include "pictures.h"

static const char plain[] = "jpeg_420_17x13.jpg", progressive[] = "jpeg_progressive_19x18.jpg";

/* Offset of the first marker `code`. */
static size_t marker(const buffer *b, unsigned char code)
{
    for (size_t i = 0; i + 1 < b->size; i++) {
        if (b->at[i] == 0xff && b->at[i + 1] == code) return i;
    }
    fail_msg("there is no marker %02x", code);
    return 0;
}

/* The sample with `size` bytes replaced at `offset` of its frame header, which is marker (2 bytes),
 * length (2), precision (1), height (2), width (2). */
static void frame(buffer *b, size_t offset, const void *bytes, size_t size)
{
    b->size = 0;
    add_sample(b, plain);
    memcpy(b->at + marker(b, 0xc0) + offset, bytes, size);
}

/* --- sizes ------------------------------------------------------------------------------------ */

/* The sample with another size in its header is refused. */
static void with_size(unsigned width, unsigned height, cd_code code, const char *text)
{
    buffer b;
    unsigned char size[4] = { (unsigned char)(height >> 8), (unsigned char)height,
                              (unsigned char)(width >> 8), (unsigned char)width };
    frame(&b, 5, size, sizeof size);
    refuse_early(b.at, b.size, code, text);
}

static void sizes_are_checked_before_memory_is_taken(void **state)
{
    (void)state;
    with_size(
        65500, 65500, CD_ERR_UNSUPPORTED,
        "picture: the JPEG header says 65500 x 65500 pixels; pictures of at most 65535 pixels a "
        "side and 178956970 in all are read");
    with_size(13378, 13378, CD_ERR_UNSUPPORTED, "178956970 in all");
    with_size(65501, 1, CD_ERR_UNSUPPORTED, "a side is longer than 65500 pixels");
    with_size(1, 65535, CD_ERR_UNSUPPORTED, "a side is longer than 65500 pixels");
    with_size(0, 13, CD_ERR_UNSUPPORTED, "the header says 0 rows or columns");
    with_size(17, 0, CD_ERR_UNSUPPORTED, "a height that comes after the pixels (DNL) is not read");
    with_size(9000, 9000, CD_ERR_FORMAT, "truncated");
}

/* libjpeg's own memory is not counted, but it is compared with the limit: 1.5 x 3000 x 3000
 * coefficients of 2 bytes, and pixels of 3 bytes. */
static void the_limit_of_memory_holds_for_coefficients(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    add_sample(&b, progressive);
    unsigned char side[4] = { 3000 >> 8, 3000 & 255, 3000 >> 8, 3000 & 255 };
    memcpy(b.at + marker(&b, 0xc2) + 5, side, sizeof side);
    while (b.size < 40000) ADD(&b, "\0"); /* so that the file could hold so many pixels */
    cd_memory_trim();
    cd_memory_limit(40000000);
    refuse_early(b.at, b.size, CD_ERR_MEMORY, "out of memory: 54");
    cd_memory_limit(0);
}

/* --- kinds that are not read ------------------------------------------------------------------ */

static void kinds_that_are_not_read_are_named(void **state)
{
    (void)state;
    buffer b;
    frame(&b, 4, "\14", 1);
    refuse(b.at, b.size, CD_ERR_UNSUPPORTED, "picture: JPEG: 12 bits per sample; 8 are read");
    frame(&b, 1, "\xc3", 1);
    refuse(b.at, b.size, CD_ERR_UNSUPPORTED, "(marker c3: lossless or hierarchical) is not read");
    frame(&b, 1, "\xc5", 1);
    refuse(b.at, b.size, CD_ERR_UNSUPPORTED, "(marker c5: lossless or hierarchical) is not read");
    frame(&b, 1, "\xf7", 1);
    refuse(b.at, b.size, CD_ERR_UNSUPPORTED, "this is JPEG-LS");
    frame(&b, 2, "\0\13\10\0\15\0\21\2", 8);
    refuse(b.at, b.size, CD_ERR_FORMAT, "JPEG: damaged near byte ");
}

static void two_components_are_no_picture(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, two = { .size = 0 };
    add_sample(&b, plain);
    size_t at = marker(&b, 0xc0);
    add(&two, b.at, at);
    ADD(&two, "\xff\xc0\0\16\10\0\15\0\21\2\1\x11\0\2\x11\1"); /* 17 x 13, two components */
    size_t scan = marker(&b, 0xda);
    add(&two, b.at + at + 19, scan - at - 19);
    ADD(&two, "\xff\xda\0\12\2\1\0\2\x11\0\x3f\0"); /* and one scan of both */
    add(&two, b.at + scan + 14, b.size - scan - 14);
    refuse(two.at, two.size, CD_ERR_UNSUPPORTED,
           "picture: JPEG: 2 components; 1, 3 and 4 are read");
}

/* A progressive file whose last scan is repeated: each repetition takes a pass over the whole
 * picture. */
static void scans_without_end_are_refused(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, many = { .size = 0 };
    add_sample(&b, progressive);
    size_t last = b.size;
    int scans = 0;
    for (size_t i = 0; i + 1 < b.size; i++) {
        if (b.at[i] != 0xff || b.at[i + 1] != 0xda) continue;
        last = i;
        scans++;
    }
    assert_true(scans > 5);
    add(&many, b.at, b.size - 2);
    for (; scans < CD_IMAGE_MAX_SCANS; scans++) add(&many, b.at + last, b.size - 2 - last);
    buffer whole = many;
    ADD(&whole, "\xff\xd9");
    cd_pixels p;
    assert_true(
        decode(whole.at, whole.size, &p)); /* with a warning: the scan refines what is refined */
    assert_int_equal(p.width, 19);
    cd_pixels_free(&p);
    add(&many, b.at + last, b.size - last);
    refuse(many.at, many.size, CD_ERR_UNSUPPORTED, "picture: JPEG: more than 200 scans");
}

/* Adobe's programs write XMP into another APP1 marker, which may come first. */
static void exif_is_found_behind_other_app1(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, more = { .size = 0 };
    add_sample(&b, "jpeg_turned_6_8x4.jpg");
    static const char *const others[] = { "http://ns.adobe.com/xap/1.0/", "Exi", "" };
    add(&more, b.at, 2);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ADD(&more, "\xff\xe1");
        add_be(&more, strlen(others[i]) + 2, 2);
        add_text(&more, others[i]);
    }
    add(&more, b.at + 2, b.size - 2);
    cd_pixels p;
    assert_true(decode(more.at, more.size, &p));
    assert_int_equal(p.orientation, 6);
    assert_int_equal(pixels_crc(&p), sample_named("jpeg_turned_6_8x4.jpg")->crc);
    cd_pixels_free(&p);
}

static void damage_is_said_with_its_place(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    add_sample(&b, plain);
    size_t tables = marker(&b, 0xc4);
    b.at[tables + 4] = 0x55; /* no such Huffman table */
    char place[64];
    snprintf(place, sizeof place, "picture: JPEG: damaged near byte %zu: ", tables + 2);
    cd_pixels p;
    assert_false(decode(b.at, b.size, &p));
    cd_error error;
    assert_true(cd_error_take(&error));
    size_t at = 0;
    assert_int_equal(sscanf(error.message, "picture: JPEG: damaged near byte %zu: ", &at), 1);
    assert_that(at >= tables && at <= tables + 200, "%s", error.message);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void a_missing_end_is_a_warning_and_missing_rows_are_an_error(void **state)
{
    (void)state;
    static const char *const names[] = { plain, progressive, "jpeg_grey_15x11.jpg",
                                         "jpeg_cmyk_12x10.jpg", "jpeg_restart_24x24.jpg" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        buffer b = { .size = 0 };
        add_sample(&b, names[i]);
        /* Already one byte less counts as missing pixels, as in PIL, since libjpeg reads ahead. */
        for (b.size -= 2; b.size > 100; b.size -= 40) {
            refuse(b.at, b.size, CD_ERR_FORMAT, "the image file is truncated: it ends after");
        }
    }
    buffer b = { .size = 0 };
    add_sample(&b, "jpeg_rgb_10x10.jpg");
    decodes(&b, sample_named("jpeg_rgb_10x10.jpg")->crc, NULL);
    b.size -= 2;
    decodes(&b, sample_named("jpeg_rgb_10x10.jpg")->crc, "no end marker (EOI) behind the pixels");
}

static void what_stands_around_the_picture(void **state)
{
    (void)state;
    unsigned crc = sample_named(plain)->crc;
    buffer b = { .size = 0 };
    add_sample(&b, plain);
    add_sample(&b, progressive); /* as the second picture of an MPO file does */
    decodes(&b, crc, NULL);
    b.size = 0;
    ADD(&b, "\n");
    add_sample(&b, plain);
    refuse(b.at, b.size, CD_ERR_FORMAT, "not an image");
    b.size = 0;
    ADD(&b, "\xff\xd8\xff\xff\xff"); /* fill bytes in front of a marker */
    buffer rest = { .size = 0 };
    add_sample(&rest, plain);
    add(&b, rest.at + 3, rest.size - 3);
    decodes(&b, crc, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sizes_are_checked_before_memory_is_taken),
        TEST(the_limit_of_memory_holds_for_coefficients),
        TEST(kinds_that_are_not_read_are_named),
        TEST(two_components_are_no_picture),
        TEST(scans_without_end_are_refused),
        TEST(exif_is_found_behind_other_app1),
        TEST(damage_is_said_with_its_place),
        TEST(a_missing_end_is_a_warning_and_missing_rows_are_an_error),
        TEST(what_stands_around_the_picture),
    };
    return RUN(tests);
}
