/* BMP files: headers, palettes, colour masks and run lengths. */
#include "pictures.h"

/* --- golden/images ---------------------------------------------------------------------------- */

/* The sample with four bytes changed. */
static void change(const char *name, size_t at, uint32_t value, cd_code code, const char *text)
{
    buffer b = { .size = 0 };
    add_sample(&b, name);
    set_le(&b, at, value, 4);
    refuse(b.at, b.size, code, text);
}

static void headers_are_checked(void **state)
{
    (void)state;
    change("bmp_24.bmp", 18, 0xffffffff, CD_ERR_UNSUPPORTED, "4294967295 x 5");
    change("bmp_24.bmp", 18, 0, CD_ERR_FORMAT, "0 x 5");
    change("bmp_24.bmp", 22, 0x80000000, CD_ERR_UNSUPPORTED, "7 x 2147483648");
    change("bmp_24.bmp", 22, 6, CD_ERR_FORMAT, "truncated");
    change("bmp_24.bmp", 10, 0xfffffff0, CD_ERR_FORMAT, "truncated");
    change("bmp_24.bmp", 14, 41, CD_ERR_UNSUPPORTED, "information header of 41 bytes");
    change("bmp_24.bmp", 28, 13, CD_ERR_UNSUPPORTED, "13 bits per pixel");
    change("bmp_24.bmp", 28, 0, CD_ERR_UNSUPPORTED, "0 bits per pixel");
    change("bmp_24.bmp", 30, 1, CD_ERR_UNSUPPORTED, "24 bits per pixel; compression RLE8 needs 8");
    change("bmp_24.bmp", 30, 2, CD_ERR_UNSUPPORTED, "24 bits per pixel; compression RLE4 needs 4");
    change("bmp_8_short_palette.bmp", 30, 3, CD_ERR_UNSUPPORTED, "colour masks need 16, 24 or 32");
    change("bmp_16_565.bmp", 54, 0, CD_ERR_UNSUPPORTED, "colour mask 00000000");
    change("bmp_16_565.bmp", 54, 0xf1, CD_ERR_UNSUPPORTED, "colour mask 000000f1");
    change("bmp_16_565.bmp", 54, 0x1ff, CD_ERR_UNSUPPORTED, "run of 1 to 8 bits");
}

static void compressions_that_are_not_read_are_named(void **state)
{
    (void)state;
    static const struct {
        int header, compression;
        const char *text;
    } cases[] = {
        { 40, 4, "BMP: compression 4, a JPEG image in a bitmap, is not read" },
        { 40, 5, "a PNG image in a bitmap, is not read; save the picture as JPEG or PNG" },
        { 40, 6, "fields with alpha (Windows CE)" },
        { 40, 7, "compression 7, which does not exist" },
        { 40, 11, "CMYK" },
        { 40, 14, "compression 14, which does not exist" },
        { 64, 3, "Huffman 1D (OS/2)" },
        { 64, 4, "runs of 24 bits (OS/2)" },
        { 64, 5, "compression 5, which does not exist" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buffer b;
        bmp_begin(&b, &(bmp_head){ .width = 2,
                                   .height = 2,
                                   .bits = 8,
                                   .header = cases[i].header,
                                   .compression = cases[i].compression });
        ADD(&b, "\1\2\0\0\3\4\0\0");
        refuse(b.at, b.size, CD_ERR_UNSUPPORTED, cases[i].text);
    }
}

/* --- pixels ----------------------------------------------------------------------------------- */

/* The file decodes to these pixels, given from the top left as digits, which are colours of
 * bmp_begin's palette, and with a warning that has `text` in it, or none for NULL. */
static void shows(const buffer *b, int width, int height, const char *colors, const char *text)
{
    unsigned char rgb[3 * 64];
    int count = width * height;
    assert_int_equal((int)strlen(colors), count);
    for (int i = 0; i < count; i++) {
        int color = colors[i] - '0';
        rgb[3 * i] = (unsigned char)(7 * color);
        rgb[3 * i + 1] = (unsigned char)(5 * color);
        rgb[3 * i + 2] = (unsigned char)(3 * color);
    }
    decodes(b, (unsigned)crc32_z(0, rgb, (size_t)(3 * count)), text);
}

static void two_bits_are_read(void **state)
{
    (void)state;
    buffer b;
    bmp_begin(&b, &(bmp_head){ .width = 5, .height = 2, .bits = 2 });
    ADD(&b, "\x1b\xc0\0\0\xe4\x40\0\0");
    shows(&b, 5, 2, "3210101233", NULL);
}

static void masks_are_read_in_24_bits_and_where_they_are_0(void **state)
{
    (void)state;
    buffer b;
    unsigned char rgb[] = { 3, 2, 1 };
    unsigned usual = (unsigned)crc32_z(0, rgb, 3);
    bmp_begin(&b, &(bmp_head){ .width = 1,
                               .height = 1,
                               .bits = 24,
                               .compression = 3,
                               .masks = "\0\0\xff\0\0\xff\0\0\xff\0\0\0" });
    ADD(&b, "\1\2\3");
    decodes(&b, usual, NULL);
    bmp_begin(&b, &(bmp_head){ .width = 1,
                               .height = 1,
                               .bits = 24,
                               .compression = 3,
                               .masks = "\xff\0\0\0\0\xff\0\0\0\0\xff\0" });
    ADD(&b, "\3\2\1");
    decodes(&b, usual, NULL);
    bmp_begin(&b, &(bmp_head){ .width = 1,
                               .height = 1,
                               .bits = 32,
                               .compression = 3,
                               .masks = "\0\0\0\0\0\0\0\0\0\0\0\0" });
    ADD(&b, "\1\2\3\4");
    decodes(&b, usual, NULL); /* as in PIL */
    bmp_begin(&b, &(bmp_head){ .width = 1,
                               .height = 1,
                               .bits = 32,
                               .compression = 3,
                               .header = 108,
                               .masks = "\0\0\0\xff\0\0\xff\0\0\xff\0\0" });
    ADD(&b, "\xee\1\2\3");
    decodes(&b, usual, NULL);
}

static void a_palette_of_another_length_is_read(void **state)
{
    (void)state;
    buffer b;
    bmp_begin(&b, &(bmp_head){ .width = 4, .height = 1, .bits = 8, .colors = 300 });
    ADD(&b, "\0\1\2\11");
    shows(&b, 4, 1, "0129", NULL);
    bmp_begin(&b, &(bmp_head){ .width = 4, .height = 1, .bits = 8, .colors = 3 });
    ADD(&b, "\0\1\2\11"); /* colour 9 is missing, so it is black */
    shows(&b, 4, 1, "0120", NULL);
    bmp_begin(&b, &(bmp_head){ .width = 4, .height = 1, .bits = 8, .colors = 3, .offset = 70 });
    ADD(&b, "gap!\0\1\2\11");
    shows(&b, 4, 1, "0120", NULL);
}

/* The offset points into the header, so that the pixels are never missing. The file ends one byte
 * before the end of the palette; with that byte the picture is read. */
static void a_palette_that_is_cut_off_is_an_error(void **state)
{
    (void)state;
    static const struct {
        int bits, colors;
    } cases[] = { { 1, 0 }, { 2, 0 }, { 4, 9 }, { 8, 0 }, { 8, 5 }, { 8, 300 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buffer b;
        bmp_begin(&b, &(bmp_head){ .width = 1,
                                   .height = 1,
                                   .bits = cases[i].bits,
                                   .colors = cases[i].colors,
                                   .offset = 50 });
        int most = 1 << cases[i].bits, colors = cases[i].colors;
        size_t whole = 54 + 4 * (size_t)(colors == 0 || colors > most ? most : colors);
        b.size = whole - 1;
        refuse(b.at, b.size, CD_ERR_FORMAT, "palette");
        b.size = whole;
        cd_pixels p = { .data = NULL };
        assert_true(decode(b.at, b.size, &p));
        cd_pixels_free(&p);
    }
}

/* --- run lengths ------------------------------------------------------------------------------ */

/* A file of 4 rows of 5 pixels with these runs. */
static void runs(buffer *b, int bits, bool top_down, const void *bytes, size_t size)
{
    bmp_begin(b, &(bmp_head){ .width = 5,
                              .height = top_down ? -4 : 4,
                              .bits = bits,
                              .compression = bits == 8 ? 1 : 2 });
    add(b, bytes, size);
}
#define RUNS(buffer_, bits_, top_down_, literal_)                                                  \
    runs((buffer_), (bits_), (top_down_), (literal_), sizeof(literal_) - 1)

static void run_lengths_are_read_from_the_bottom_up(void **state)
{
    (void)state;
    buffer b;
    static const char all[] = "\5\1\0\0"
                              "\2\2\3\3\0\0"
                              "\0\5\1\2\3\4\5\0\0\0"
                              "\1\7\0\3\10\7\6\0\1\5\0\1";
    runs(&b, 8, false, all, sizeof all - 1);
    shows(&b, 5, 4, "78765123452233311111", NULL);
    runs(&b, 8, true, all, sizeof all - 1);
    shows(&b, 5, 4, "11111223331234578765", NULL);
    static const char halves[] = "\5\x12\0\0"
                                 "\2\x22\3\x34\0\0"
                                 "\0\5\x12\x34\x50\0\0\0"
                                 "\1\x70\0\3\x87\x60\1\x56\0\1";
    runs(&b, 4, false, halves, sizeof halves - 1);
    shows(&b, 5, 4, "78765123452234312121", NULL);
}

/* A code that moves on, an end of a row and an end of the bitmap leave pixels of colour 0. */
static void what_runs_skip_has_colour_0(void **state)
{
    (void)state;
    buffer b;
    RUNS(&b, 8, false, "\1\1\0\2\2\1\2\2\0\0\0\0\5\4");
    shows(&b, 5, 4, "44444000000002210000", NULL);
    RUNS(&b, 8, false, "\0\0\5\1\0\0\0\0\5\2\0\1"); /* an end of a row alone is an empty row */
    shows(&b, 5, 4, "22222000001111100000", NULL);
    RUNS(&b, 8, false, "\0\2\0\3\5\1");
    shows(&b, 5, 4, "11111000000000000000", NULL);
    RUNS(&b, 8, false,
         "\3\1\0\2\2\0\0\0\5\2\0\0\1\3\0\2\4\0\0\0\0\2\5\0"); /* to the end of a row */
    shows(&b, 5, 4, "00000300002222211100", NULL);
    RUNS(&b, 8, false, "\5\1\0\0\2\2\0\1");
    shows(&b, 5, 4, "00000000002200011111", "says that it ends after 7 of 20 pixels");
    RUNS(&b, 4, false, "\0\1");
    shows(&b, 5, 4, "00000000000000000000", "says that it ends after 0 of 20 pixels");
    RUNS(&b, 8, false, "\0\2\377\377\5\1"); /* far out of the bitmap */
    shows(&b, 5, 4, "00000000000000000000", NULL);
}

/* As in PIL, a run of one colour is cut off at the end of the row, and single pixels go on in the
 * next row. */
static void runs_that_are_too_long(void **state)
{
    (void)state;
    buffer b;
    RUNS(&b, 8, false, "\7\1\3\2\0\0\5\3\5\3\0\0\5\4\0\0\5\5\0\1");
    shows(&b, 5, 4, "55555444443333311111", NULL);
    RUNS(&b, 8, false, "\0\7\1\2\3\4\5\6\7\0\2\1\0\0\5\3\0\0\377\4\0\1");
    shows(&b, 5, 4, "44444333336700012345", NULL);
    RUNS(&b, 8, false, "\5\1\0\0\5\1\0\0\5\1\0\0\0\7\1\2\3\4\5\6\7\0"); /* out of the bitmap */
    shows(&b, 5, 4, "12345111111111111111", NULL);
}

static void runs_that_are_cut_off_are_an_error(void **state)
{
    (void)state;
    buffer b;
    RUNS(&b, 8, false, "\5\1\0\0\5\2\0\0\5\3\0\0\0\5\1\2\3\4\5\0\0\1");
    size_t all = b.size, start = all - 22, whole = start + 19;
    shows(&b, 5, 4, "12345333332222211111", NULL);
    for (b.size = whole; b.size < all; b.size++) shows(&b, 5, 4, "12345333332222211111", NULL);
    for (b.size = start; b.size < whole; b.size++) {
        refuse(b.at, b.size, CD_ERR_FORMAT, "BMP: the image file is truncated");
    }
    RUNS(&b, 8, false, "\5\1\0\2\1");
    refuse(b.at, b.size, CD_ERR_FORMAT, "end in the pixels");
    RUNS(&b, 4, false, "\5\1\0\7\x12\x34");
    refuse(b.at, b.size, CD_ERR_FORMAT, "end in the pixels");
}

/* Random runs and the CRC-32 of the pixels that PIL reads, from golden/make_bmp_runs.py. */
static void run_lengths_give_the_pixels_of_pil(void **state)
{
    (void)state;
    FILE *list = fopen(test_path("golden/bmp_runs.txt"), "r");
    assert_non_null(list);
    bmp_head head = { .compression = 0 };
    char hex[1024];
    unsigned crc;
    int cases = 0;
    while (fscanf(list, "%d %d %d %1023s %x", &head.bits, &head.width, &head.height, hex, &crc) ==
           5) {
        head.compression = head.bits == 8 ? 1 : 2;
        buffer b;
        bmp_begin(&b, &head);
        for (const char *p = hex; *p; p += 2) {
            unsigned byte;
            assert_int_equal(sscanf(p, "%2x", &byte), 1);
            add_le(&b, byte, 1);
        }
        decodes(&b, crc, NULL);
        cases++;
    }
    fclose(list);
    assert_int_equal(cases, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(headers_are_checked),
        TEST(compressions_that_are_not_read_are_named),
        TEST(two_bits_are_read),
        TEST(masks_are_read_in_24_bits_and_where_they_are_0),
        TEST(a_palette_of_another_length_is_read),
        TEST(a_palette_that_is_cut_off_is_an_error),
        TEST(run_lengths_are_read_from_the_bottom_up),
        TEST(what_runs_skip_has_colour_0),
        TEST(runs_that_are_too_long),
        TEST(runs_that_are_cut_off_are_an_error),
        TEST(run_lengths_give_the_pixels_of_pil),
    };
    return RUN(tests);
}
