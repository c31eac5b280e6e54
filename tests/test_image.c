#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <zlib.h>

#include "core/memory_internal.h"
#include "io/image_format_internal.h"
#include "io/image_internal.h"

/* --- the small pictures of golden/images, and what PIL makes of them
 * ------------------------------ */

enum { MOST_BYTES = 4096, MOST_IMAGES = 100 };

typedef struct sample {
    char name[64];
    int width, height, orientation;
    unsigned crc; /* of the RGB pixels */
    size_t size;
    unsigned char bytes[MOST_BYTES];
} sample;

static sample samples[MOST_IMAGES];
static int sample_count;

static const char *sample_path(const sample *s)
{
    char name[128];
    snprintf(name, sizeof name, "golden/images/%.63s", s->name);
    return test_path(name);
}

static void load_samples(void)
{
    if (sample_count > 0) return;
    FILE *list = fopen(test_path("golden/images.txt"), "r");
    assert_non_null(list);
    sample *s = samples;
    while (fscanf(list, "%63s %d %d %x %d", s->name, &s->width, &s->height, &s->crc,
                  &s->orientation) == 5) {
        FILE *file = fopen(sample_path(s), "rb");
        assert_non_null(file);
        s->size = fread(s->bytes, 1, MOST_BYTES, file);
        assert_true(s->size > 0 && s->size < MOST_BYTES);
        fclose(file);
        s++;
        assert_true(s < samples + MOST_IMAGES);
    }
    fclose(list);
    sample_count = (int)(s - samples);
    assert_true(sample_count > 50);
}

static const sample *sample_named(const char *name)
{
    load_samples();
    int i = 0;
    while (i < sample_count && strcmp(samples[i].name, name) != 0) i++;
    assert_that(i < sample_count, "no sample %s", name);
    return &samples[i];
}

static unsigned pixels_crc(const cd_pixels *p)
{
    size_t bytes = (size_t)p->width * (size_t)p->height * (size_t)p->channels;
    return (unsigned)crc32(0, p->data, (uInt)bytes);
}

static void small_pictures_have_the_pixels_of_pil(void **state)
{
    (void)state;
    load_samples();
    for (int i = 0; i < sample_count; i++) {
        const sample *s = &samples[i];
        cd_pixels p;
        bool done = cd_image_decode(s->bytes, s->size, s->name, &p);
        assert_that(done, "%s", cd_error_message());
        assert_that(p.width == s->width && p.height == s->height && p.channels == 3,
                    "%s: %d x %d x %d", s->name, p.width, p.height, p.channels);
        assert_that(pixels_crc(&p) == s->crc, "%s: crc %08x, PIL's %08x", s->name, pixels_crc(&p),
                    s->crc);
        assert_that(p.orientation == s->orientation, "%s: orientation %d", s->name, p.orientation);
        cd_pixels_free(&p);
    }
}

/* --- logged warnings
 * ------------------------------------------------------------------------------ */

static char logged[CD_ERROR_MESSAGE_BYTES];
static void keep_message(cd_log_level level, const char *message, void *user)
{
    (void)user;
    assert_int_equal(level, CD_LOG_WARNING);
    snprintf(logged, sizeof logged, "%s", message);
}

static void decode_logging(const char *name, cd_pixels *out)
{
    const sample *s = sample_named(name);
    logged[0] = '\0';
    cd_set_logger(keep_message, NULL);
    bool done = cd_image_decode(s->bytes, s->size, s->name, out);
    cd_set_logger(NULL, NULL);
    assert_true(done);
}

static void damage_that_can_be_stepped_over_is_a_warning(void **state)
{
    (void)state;
    cd_pixels p;
    decode_logging("jpeg_damaged_24x24.jpg", &p);
    assert_true(p.warnings > 0);
    assert_that(strstr(logged, "jpeg_damaged_24x24.jpg: JPEG: Corrupt JPEG data"), "\"%s\"",
                logged);
    cd_pixels_free(&p);
    decode_logging("jpeg_restart_24x24.jpg", &p);
    assert_int_equal(p.warnings, 0);
    assert_string_equal(logged, "");
    cd_pixels_free(&p);
}

static void clipped_16_bit_grey_is_a_warning(void **state)
{
    (void)state;
    cd_pixels p;
    decode_logging("png_grey_16.png", &p);
    assert_that(strstr(logged, "16-bit grey"), "\"%s\"", logged);
    cd_pixels_free(&p);
}

/* --- refusals
 * ------------------------------------------------------------------------------------- */

static void refuse(const void *bytes, size_t size, cd_code code, const char *text)
{
    cd_pixels p = { .width = -7 };
    assert_false(cd_image_decode(bytes, size, "picture", &p));
    assert_int_equal(p.width, -7);
    assert_failed_with(code, text);
}

static void other_formats_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *text;
    } cases[] = {
        { "GIF89a", 6, "picture: this is a GIF image; JPEG, PNG and BMP are read" },
        { "RIFF\0\0\0\0WEBPVP8 ", 16, "WebP" },
        { "II*\0\10\0\0\0", 8, "TIFF" },
        { "MM\0*\0\0\0\10", 8, "TIFF" },
        { "\0\0\0\x1c"
          "ftypheic",
          12, "HEIC" },
        { "\0\0\0\x1c"
          "ftypavif",
          12, "AVIF" },
        { "<!DOCTYPE html>", 15, "web page" },
        { "<html>", 6, "web page" },
        { "%PDF-1.4", 8, "PDF" },
        { "PK\3\4", 4, "zip" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refuse(cases[i].bytes, cases[i].size, CD_ERR_UNSUPPORTED, cases[i].text);
    }
}

static void what_is_no_image_is_said_with_its_first_bytes(void **state)
{
    (void)state;
    refuse("hello", 5, CD_ERR_FORMAT, "not an image: it begins with 68 65 6c 6c");
    refuse("B", 1, CD_ERR_FORMAT, "begins with 42 00 00 00");
    refuse("", 0, CD_ERR_FORMAT, "empty");
}

static void null_arguments_are_errors(void **state)
{
    (void)state;
    cd_pixels p;
    assert_false(cd_image_decode(NULL, 4, "x", &p));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    assert_false(cd_image_read(NULL, &p));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
}

static void files_that_cannot_be_read_are_io_errors(void **state)
{
    (void)state;
    cd_pixels p;
    assert_false(cd_image_read("/no/such/file.jpg", &p));
    assert_failed_with(CD_ERR_IO, "/no/such/file.jpg: No such file");
    assert_false(cd_image_read(test_folder(), &p));
    assert_failed_with(CD_ERR_IO, "not a file but a folder");
    char pipe_path[300];
    snprintf(pipe_path, sizeof pipe_path, "%s/pipe", test_folder());
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_false(cd_image_read(pipe_path, &p));
    assert_failed_with(CD_ERR_IO, "not a file");
}

static void the_name_does_not_matter(void **state)
{
    (void)state;
    const sample *s = sample_named("png_rgb_8.png");
    cd_pixels p;
    assert_true(cd_image_read(test_write("picture.jpg", s->bytes, s->size), &p));
    assert_int_equal(pixels_crc(&p), s->crc);
    cd_pixels_free(&p);
}

/* Offset of the first occurrence of `wanted` in the sample. */
static size_t find(const sample *s, const void *wanted, size_t length)
{
    for (size_t i = 0; i + length <= s->size; i++) {
        if (memcmp(s->bytes + i, wanted, length) == 0) return i;
    }
    fail_msg("%s has no such bytes", s->name);
    return 0;
}

static void jpeg_with_size(unsigned width, unsigned height, cd_code code, const char *text)
{
    const sample *s = sample_named("jpeg_420_17x13.jpg");
    unsigned char bytes[MOST_BYTES];
    memcpy(bytes, s->bytes, s->size);
    size_t at = find(s, "\xff\xc0", 2) + 5;
    bytes[at] = (unsigned char)(height >> 8);
    bytes[at + 1] = (unsigned char)height;
    bytes[at + 2] = (unsigned char)(width >> 8);
    bytes[at + 3] = (unsigned char)width;
    size_t peak = cd_memory_stats().bytes_in_use;
    cd_memory_reset_peak();
    refuse(bytes, s->size, code, text);
    assert_true(cd_memory_stats().bytes_peak - peak < 1 << 20);
}

static void jpeg_sizes_are_checked_before_memory_is_taken(void **state)
{
    (void)state;
    jpeg_with_size(65500, 65500, CD_ERR_UNSUPPORTED, "65500 x 65500 pixels; at most 16384");
    jpeg_with_size(16000, 16000, CD_ERR_UNSUPPORTED, "100000000 in all");
    jpeg_with_size(65535, 65535, CD_ERR_FORMAT, "");
    jpeg_with_size(0, 13, CD_ERR_FORMAT, "");
    jpeg_with_size(17, 0, CD_ERR_FORMAT, "");
    jpeg_with_size(9000, 9000, CD_ERR_FORMAT, "truncated");
}

/* A PNG with this header, whose CRC is right. */
static void png_with_header(uint32_t width, uint32_t height, int depth, int color, cd_code code,
                            const char *text)
{
    const sample *s = sample_named("png_rgb_8.png");
    unsigned char bytes[MOST_BYTES];
    memcpy(bytes, s->bytes, s->size);
    for (int i = 0; i < 4; i++) {
        bytes[16 + i] = (unsigned char)(width >> (24 - 8 * i));
        bytes[20 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
    bytes[24] = (unsigned char)depth;
    bytes[25] = (unsigned char)color;
    uint32_t crc = (uint32_t)crc32(0, bytes + 12, 17);
    for (int i = 0; i < 4; i++) bytes[29 + i] = (unsigned char)(crc >> (24 - 8 * i));
    size_t before = cd_memory_stats().bytes_in_use;
    cd_memory_reset_peak();
    refuse(bytes, s->size, code, text);
    assert_true(cd_memory_stats().bytes_peak - before < 1 << 20);
}

static void png_headers_are_checked_before_memory_is_taken(void **state)
{
    (void)state;
    png_with_header(0xffffffff, 0xffffffff, 8, 2, CD_ERR_UNSUPPORTED, "4294967295 x 4294967295");
    png_with_header(0, 6, 8, 2, CD_ERR_FORMAT, "no side may be 0");
    png_with_header(7, 0, 8, 2, CD_ERR_FORMAT, "no side may be 0");
    png_with_header(9000, 9000, 8, 2, CD_ERR_FORMAT, "too short for the size");
    png_with_header(7, 7, 8, 2, CD_ERR_FORMAT, "PNG: damaged: ");
    png_with_header(7, 6, 3, 2, CD_ERR_FORMAT, "colour type 2 with 3 bits");
    png_with_header(7, 6, 16, 3, CD_ERR_FORMAT, "colour type 3 with 16 bits");
    png_with_header(7, 6, 8, 5, CD_ERR_FORMAT, "colour type 5");
    png_with_header(7, 6, 8, 9, CD_ERR_FORMAT, "colour type 9");
    png_with_header(7, 6, 8, 3, CD_ERR_FORMAT, "without a PLTE");
}

/* The sample with `chunk` (type and data) inserted before the chunk at `at`. */
static size_t insert_chunk(const sample *s, size_t at, const char *type, const void *data,
                           size_t length, unsigned char *out)
{
    memcpy(out, s->bytes, at);
    unsigned char *p = out + at;
    memset(p, 0, 4);
    p[2] = (unsigned char)(length >> 8);
    p[3] = (unsigned char)length;
    memcpy(p + 4, type, 4);
    if (length > 0) memcpy(p + 8, data, length);
    uint32_t crc = (uint32_t)crc32(0, p + 4, (uInt)length + 4);
    for (int i = 0; i < 4; i++) p[8 + length + (size_t)i] = (unsigned char)(crc >> (24 - 8 * i));
    memcpy(p + 12 + length, s->bytes + at, s->size - at);
    return s->size + 12 + length;
}

static void png_chunks_out_of_order_are_errors(void **state)
{
    (void)state;
    const sample *s = sample_named("png_palette_8.png");
    unsigned char bytes[MOST_BYTES];
    size_t size = insert_chunk(s, 33, "CgBI", "\0\0\0\0", 4, bytes);
    refuse(bytes, size, CD_ERR_UNSUPPORTED, "unknown type CgBI at byte 33");
    size = insert_chunk(s, 33, "PLTE", "abc", 3, bytes);
    refuse(bytes, size, CD_ERR_FORMAT, "a second PLTE");
    size = insert_chunk(s, 33, "IHDR", s->bytes + 16, 13, bytes);
    refuse(bytes, size, CD_ERR_FORMAT, "a second IHDR");
    size = insert_chunk(s, 8, "tEXt", "a\0b", 3, bytes);
    refuse(bytes, size, CD_ERR_FORMAT, "the first chunk is not an IHDR");
    size = insert_chunk(s, 33, "te1t", "a\0b", 3, bytes);
    refuse(bytes, size, CD_ERR_FORMAT, "not made of letters");
    s = sample_named("png_rgb_8.png");
    size = insert_chunk(s, 33, "PLTE", "abcd", 4, bytes);
    refuse(bytes, size, CD_ERR_FORMAT, "1 to 256 colours");
    size = insert_chunk(s, 33, "IEND", NULL, 0, bytes);
    refuse(bytes, size, CD_ERR_FORMAT, "no IDAT");
}

static void a_wrong_crc_is_named_with_its_chunk(void **state)
{
    (void)state;
    const sample *s = sample_named("png_rgb_8.png");
    unsigned char bytes[MOST_BYTES];
    memcpy(bytes, s->bytes, s->size);
    bytes[50] ^= 1;
    refuse(bytes, s->size, CD_ERR_FORMAT, "the IDAT chunk at byte 33 does not match its CRC");
}

/* Deflated zeros far beyond what the header declares: they must not be inflated to the end. */
static void a_png_that_inflates_without_end_takes_no_memory(void **state)
{
    (void)state;
    static unsigned char zeros[1 << 24], packed[1 << 16], bytes[1 << 17];
    uLongf packed_size = sizeof packed;
    assert_int_equal(compress2(packed, &packed_size, zeros, sizeof zeros, 9), Z_OK);
    const sample *s = sample_named("png_rgb_8.png");
    sample head = { .size = 33 };
    memcpy(head.bytes, s->bytes, 33);
    size_t size = insert_chunk(&head, 33, "IDAT", packed, packed_size, bytes);
    memcpy(bytes + size, s->bytes + s->size - 12, 12);
    size_t before = cd_memory_stats().bytes_in_use;
    cd_memory_reset_peak();
    refuse(bytes, size + 12, CD_ERR_FORMAT, "PNG: damaged: ");
    assert_true(cd_memory_stats().bytes_peak - before < 2 << 20);
}

/* 2 million grey pixels of one bit are 6 MB as RGB, and that bounds what IDAT may become too. */
static void a_png_takes_no_more_than_its_pixels(void **state)
{
    (void)state;
    static unsigned char zeros[1 << 25], packed[1 << 16], bytes[1 << 17];
    uLongf packed_size = sizeof packed;
    assert_int_equal(compress2(packed, &packed_size, zeros, sizeof zeros, 9), Z_OK);
    sample head = { .size = 8 };
    memcpy(head.bytes, "\x89PNG\r\n\x1a\n", 8);
    size_t size = insert_chunk(&head, 8, "IHDR", "\0\0\x0f\xa0\0\0\1\xf4\1\0\0\0\0", 13, bytes);
    memcpy(head.bytes, bytes, size);
    head.size = size;
    size = insert_chunk(&head, size, "IDAT", packed, packed_size, bytes);
    const sample *s = sample_named("png_rgb_8.png");
    memcpy(bytes + size, s->bytes + s->size - 12, 12);
    cd_memory_trim();
    size_t before = cd_memory_stats().bytes_in_use;
    cd_memory_reset_peak();
    refuse(bytes, size + 12, CD_ERR_FORMAT, "PNG: damaged: ");
    assert_true(cd_memory_stats().bytes_peak - before < 12 << 20);
}

static void bmp_change(const char *name, size_t at, uint32_t value, cd_code code, const char *text)
{
    const sample *s = sample_named(name);
    unsigned char bytes[MOST_BYTES];
    memcpy(bytes, s->bytes, s->size);
    for (int i = 0; i < 4; i++) bytes[at + (size_t)i] = (unsigned char)(value >> (8 * i));
    refuse(bytes, s->size, code, text);
}

static void bmp_headers_are_checked(void **state)
{
    (void)state;
    bmp_change("bmp_24.bmp", 18, 0xffffffff, CD_ERR_UNSUPPORTED, "4294967295 x 5");
    bmp_change("bmp_24.bmp", 18, 0, CD_ERR_FORMAT, "0 x 5");
    bmp_change("bmp_24.bmp", 22, 0x80000000, CD_ERR_UNSUPPORTED, "7 x 2147483648");
    bmp_change("bmp_24.bmp", 22, 6, CD_ERR_FORMAT, "truncated");
    bmp_change("bmp_24.bmp", 10, 0xfffffff0, CD_ERR_FORMAT, "truncated");
    bmp_change("bmp_24.bmp", 14, 41, CD_ERR_UNSUPPORTED, "information header of 41 bytes");
    bmp_change("bmp_24.bmp", 28, 13, CD_ERR_UNSUPPORTED, "13 bits per pixel");
    bmp_change("bmp_24.bmp", 30, 1, CD_ERR_UNSUPPORTED, "compression 1");
    bmp_change("bmp_24.bmp", 30, 3, CD_ERR_UNSUPPORTED, "24 bits per pixel in fields");
    bmp_change("bmp_16_565.bmp", 54, 0, CD_ERR_UNSUPPORTED, "colour mask 00000000");
    bmp_change("bmp_16_565.bmp", 54, 0xf1, CD_ERR_UNSUPPORTED, "colour mask 000000f1");
    bmp_change("bmp_16_565.bmp", 54, 0x1ff, CD_ERR_UNSUPPORTED, "run of 1 to 8 bits");
}

/* --- every truncation, every byte, every allocation
 * ------------------------------------------------ */

static void try_bytes(const sample *s, const unsigned char *bytes, size_t size, bool must_be_equal)
{
    /* In memory of just this size, so that a sanitizer sees a read past the end. */
    unsigned char *copy = malloc(size ? size : 1);
    memcpy(copy, bytes, size);
    cd_pixels p = { .data = NULL };
    bool done = cd_image_decode(copy, size, s->name, &p);
    free(copy);
    if (!done) {
        cd_error error;
        assert_true(cd_error_take(&error));
        assert_that(error.code == CD_ERR_FORMAT || error.code == CD_ERR_UNSUPPORTED, "%s: %s",
                    s->name, error.message);
        assert_null(p.data);
        return;
    }
    assert_true(cd_ok());
    if (must_be_equal) {
        assert_that(pixels_crc(&p) == s->crc, "%s: damaged, and other pixels", s->name);
    }
    cd_pixels_free(&p);
}

static bool protected_by_crc(const sample *s)
{
    return strncmp(s->name, "png", 3) == 0;
}

static void every_truncation_is_an_error_or_the_same_pixels(void **state)
{
    (void)state;
    load_samples();
    for (int i = 0; i < sample_count; i++) {
        const sample *s = &samples[i];
        if (strcmp(s->name, "jpeg_damaged_24x24.jpg") == 0) continue;
        for (size_t size = 0; size < s->size; size++) try_bytes(s, s->bytes, size, true);
    }
}

static void every_changed_byte_is_an_error_or_a_picture(void **state)
{
    (void)state;
    load_samples();
    static const unsigned char values[] = { 0x00, 0xff };
    for (int i = 0; i < sample_count; i++) {
        const sample *s = &samples[i];
        unsigned char bytes[MOST_BYTES];
        memcpy(bytes, s->bytes, s->size);
        for (size_t at = 0; at < s->size; at++) {
            for (size_t v = 0; v < sizeof values; v++) {
                bytes[at] = values[v];
                try_bytes(s, bytes, s->size, protected_by_crc(s));
            }
            bytes[at] = s->bytes[at];
        }
    }
}

static int allocations_left;
static bool sticky;
static bool fail_when_none_left(size_t bytes)
{
    (void)bytes;
    if (allocations_left > 0) {
        allocations_left--;
        return false;
    }
    if (!sticky) allocations_left = 1 << 20;
    return true;
}

/* Lets allocation k fail, for every k until the picture is read; returns that k. */
static int sweep(const sample *s)
{
    for (int k = 0; k < 100; k++) {
        allocations_left = k;
        cd_memory_fault_hook = fail_when_none_left;
        cd_pixels p = { .data = NULL };
        bool done = cd_image_read(sample_path(s), &p);
        cd_memory_fault_hook = NULL;
        if (done) {
            assert_int_equal(pixels_crc(&p), s->crc);
            cd_pixels_free(&p);
            return k;
        }
        assert_failed_with(CD_ERR_MEMORY, "");
        assert_null(p.data);
    }
    fail_msg("%s was never read", s->name);
    return 0;
}

static void every_failed_allocation_is_a_clean_error(void **state)
{
    (void)state;
    load_samples();
    for (int i = 0; i < sample_count; i++) {
        sticky = false;
        int once = sweep(&samples[i]);
        sticky = true;
        assert_int_equal(sweep(&samples[i]), once);
        assert_true(once >= 2);
    }
}

/* --- parts
 * ---------------------------------------------------------------------------------------- */

static void exif_orientation_is_found_in_both_byte_orders(void **state)
{
    (void)state;
    unsigned char little[] = { 'I', 'I', 42, 0,    8, 0, 0, 0, 2, 0, 0x0f, 1, 2, 0, 1, 0, 0, 0, 'x',
                               0,   0,   0,  0x12, 1, 3, 0, 1, 0, 0, 0,    3, 0, 0, 0, 0, 0, 0, 0 };
    assert_int_equal(cd_exif_orientation(little, sizeof little), 3);
    for (size_t size = 0; size < 34; size++) assert_int_equal(cd_exif_orientation(little, size), 0);
    assert_int_equal(cd_exif_orientation(little, 34), 3);
    little[30] = 9; /* no such orientation */
    assert_int_equal(cd_exif_orientation(little, sizeof little), 0);
    unsigned char big[] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                            3,   0,   0, 0,  1, 0, 8, 0, 0, 0, 0, 0,    0 };
    assert_int_equal(cd_exif_orientation(big, sizeof big), 8);
    memset(big + 4, 0xff, 4); /* a directory outside the block */
    assert_int_equal(cd_exif_orientation(big, sizeof big), 0);
}

static void grey_is_pil_s_weighted_sum(void **state)
{
    (void)state;
    /* Image.new("RGB", (1, 1), c).convert("L") of these colours */
    unsigned char colors[] = {
        255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 1, 2, 3, 200, 100, 7
    };
    static const unsigned char grey[] = { 76, 150, 29, 255, 2, 119 };
    cd_pixels in = { .width = 3, .height = 2, .channels = 3, .orientation = 5, .data = colors },
              out;
    assert_true(cd_pixels_to_grey(&in, &out));
    assert_int_equal(out.channels, 1);
    assert_int_equal(out.orientation, 5);
    assert_memory_equal(out.data, grey, sizeof grey);
    cd_pixels_free(&out);
    assert_null(out.data);
    cd_pixels_free(&out);
    cd_pixels_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(small_pictures_have_the_pixels_of_pil),
        TEST(damage_that_can_be_stepped_over_is_a_warning),
        TEST(clipped_16_bit_grey_is_a_warning),
        TEST(other_formats_are_named),
        TEST(what_is_no_image_is_said_with_its_first_bytes),
        TEST(null_arguments_are_errors),
        TEST(files_that_cannot_be_read_are_io_errors),
        TEST(the_name_does_not_matter),
        TEST(jpeg_sizes_are_checked_before_memory_is_taken),
        TEST(png_headers_are_checked_before_memory_is_taken),
        TEST(png_chunks_out_of_order_are_errors),
        TEST(a_wrong_crc_is_named_with_its_chunk),
        TEST(a_png_that_inflates_without_end_takes_no_memory),
        TEST(a_png_takes_no_more_than_its_pixels),
        TEST(bmp_headers_are_checked),
        TEST(every_truncation_is_an_error_or_the_same_pixels),
        TEST(every_changed_byte_is_an_error_or_a_picture),
        TEST(every_failed_allocation_is_a_clean_error),
        TEST(exif_orientation_is_found_in_both_byte_orders),
        TEST(grey_is_pil_s_weighted_sum),
    };
    return RUN(tests);
}
