/* PNG files: all colour types, depths, filters and interlacing; damage before, in and behind the
 * image data. Pictures are WIDTH x HEIGHT, RGB of 8 bits, unless a test says otherwise. */
#include "pictures.h"

enum { WIDTH = 7, HEIGHT = 6, ROW = 1 + 3 * WIDTH };

/* Byte i of the row of the picture. */
static unsigned char sample_at(int row, int i)
{
    return (unsigned char)(37 * row + 11 * i + row * i);
}

/* The picture's rows with filter 0. */
static void fill_rows(unsigned char rows[HEIGHT * ROW])
{
    for (int y = 0; y < HEIGHT; y++) {
        rows[y * ROW] = 0;
        for (int i = 0; i < 3 * WIDTH; i++) rows[y * ROW + 1 + i] = sample_at(y, i);
    }
}

static unsigned expected_crc(void)
{
    unsigned char rgb[HEIGHT * 3 * WIDTH];
    for (int i = 0; i < HEIGHT * 3 * WIDTH; i++) {
        rgb[i] = sample_at(i / (3 * WIDTH), i % (3 * WIDTH));
    }
    return (unsigned)crc32_z(0, rgb, sizeof rgb);
}

/* The zlib stream of the picture. */
static void deflated(buffer *packed)
{
    unsigned char rows[HEIGHT * ROW];
    fill_rows(rows);
    deflate_to(packed, rows, sizeof rows);
}

/* The file up to its first IDAT chunk. */
static void head(buffer *b)
{
    png_begin(b, WIDTH, HEIGHT, 8, 2, 0);
}

static void whole(buffer *b)
{
    buffer packed;
    deflated(&packed);
    head(b);
    png_chunk(b, "IDAT", packed.at, packed.size);
    png_chunk(b, "IEND", NULL, 0);
}

/* --- a broken end ----------------------------------------------------------------------------- */

static void whole_pixels_with_a_broken_end_are_read_with_a_warning(void **state)
{
    (void)state;
    buffer b;
    whole(&b);
    decodes(&b, expected_crc(), NULL);
    size_t end = b.size - 12; /* of the image data */
    b.at[b.size - 1] ^= 1;
    decodes(&b, expected_crc(), "the IEND chunk at byte");
    while (--b.size >= end + 8) decodes(&b, expected_crc(), "behind the pixels, is cut off");
    for (; b.size >= end; b.size--) {
        decodes(&b, expected_crc(),
                "picture: PNG: the file has no end (IEND chunk) behind the pixels; the pixels are "
                "whole");
    }
    b.size = end;
    png_chunk(&b, "tEXt", "Comment\0words", 13);
    decodes(&b, expected_crc(), "no end");
    b.at[b.size - 5] ^= 1;
    decodes(&b, expected_crc(), "the tEXt chunk at byte");
    png_chunk(&b, "IEND", NULL, 0);
    decodes(&b, expected_crc(), "behind the pixels, does not match its CRC");
    b.size = end;
    ADD(&b, "\0\0\0\4\1\2\3\4xxxx");
    decodes(&b, expected_crc(), "no end");
    b.size = end;
    png_chunk(&b, "IEND", NULL, 0);
    ADD(&b, "what follows is no part of it");
    decodes(&b, expected_crc(), NULL);
}

/* A file that ends behind the last pixel is read; one that ends before is truncated. */
static void a_file_that_is_cut_is_read_once_its_pixels_are_whole(void **state)
{
    (void)state;
    buffer b;
    whole(&b);
    int read = 0;
    for (size_t all = b.size--; b.size > 50; b.size--) {
        cd_pixels p = { .data = NULL };
        if (decode(b.at, b.size, &p)) {
            assert_int_equal(pixels_crc(&p), expected_crc());
            assert_true(p.warnings > 0);
            cd_pixels_free(&p);
            assert_int_equal(read, (int)(all - b.size - 1));
            read++;
        } else {
            assert_failed_with(CD_ERR_FORMAT, "PNG: row ");
        }
    }
    assert_true(read >= 12 + 4 + 4); /* IEND, the CRC of IDAT, the Adler-32 */
}

static void an_exif_chunk_behind_the_pixels_counts(void **state)
{
    (void)state;
    buffer b;
    whole(&b);
    b.size -= 12;
    png_chunk(&b, "eXIf", "MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\6\0\0\0\0\0\0", 26);
    png_chunk(&b, "IEND", NULL, 0);
    cd_pixels p;
    assert_true(decode(b.at, b.size, &p));
    assert_int_equal(p.orientation, 6);
    cd_pixels_free(&p);
}

static void damage_in_front_of_the_pixels_is_an_error(void **state)
{
    (void)state;
    buffer b, packed;
    deflated(&packed);
    head(&b);
    size_t text = b.size;
    png_chunk(&b, "tEXt", "Comment\0words", 13);
    png_chunk(&b, "IDAT", packed.at, packed.size);
    png_chunk(&b, "IEND", NULL, 0);
    decodes(&b, expected_crc(), NULL);
    b.at[text + 12] ^= 1;
    refuse(b.at, b.size, CD_ERR_FORMAT, "the tEXt chunk at byte 33 does not match its CRC");
    refuse(b.at, text + 20, CD_ERR_FORMAT, "the tEXt chunk at byte 33 is cut off");
    refuse(b.at, text + 3, CD_ERR_FORMAT, "it ends before the image data, at byte 33");
}

/* --- the compressed data ---------------------------------------------------------------------- */

/* The file with `packed` cut into IDAT chunks of these sizes, a list that ends in 0, and one more
 * for the rest. With `between`, a chunk of this type stands behind each but the last. */
static void in_pieces(buffer *b, const buffer *packed, const size_t *sizes, const char *between)
{
    head(b);
    size_t at = 0;
    for (; *sizes; sizes++) {
        png_chunk(b, "IDAT", packed->at + at, *sizes);
        at += *sizes;
        if (between) png_chunk(b, between, "a\0b", 3);
    }
    png_chunk(b, "IDAT", packed->at + at, packed->size - at);
    png_chunk(b, "IEND", NULL, 0);
}

static void a_wrong_adler_32_is_an_error(void **state)
{
    (void)state;
    buffer b, packed;
    deflated(&packed);
    packed.at[packed.size - 1] ^= 1;
    in_pieces(&b, &packed, (size_t[]){ 0 }, NULL);
    refuse(b.at, b.size, CD_ERR_FORMAT, "the pixels do not match their checksum (Adler-32)");
    in_pieces(&b, &packed, (size_t[]){ packed.size - 4, 0 }, NULL);
    refuse(b.at, b.size, CD_ERR_FORMAT, "the pixels do not match their checksum (Adler-32)");
}

static void a_foreign_chunk_between_idat_chunks_is_an_error(void **state)
{
    (void)state;
    buffer b, packed;
    deflated(&packed);
    in_pieces(&b, &packed, (size_t[]){ 20, 0 }, "tEXt");
    refuse(b.at, b.size, CD_ERR_FORMAT, "where chunk tEXt follows at byte 65");
    in_pieces(&b, &packed, (size_t[]){ 20, 0 }, "IEND");
    refuse(b.at, b.size, CD_ERR_FORMAT, "where chunk IEND follows at byte 65");
    in_pieces(&b, &packed, (size_t[]){ packed.size - 4, 0 }, "tEXt"); /* behind the last pixel */
    decodes(&b, expected_crc(), "the image data break off behind the last row");
}

static void idat_chunks_of_any_size_are_one_stream(void **state)
{
    (void)state;
    buffer b, packed;
    deflated(&packed);
    for (size_t size = 1; size < packed.size; size++) {
        head(&b);
        for (size_t at = 0; at < packed.size; at += size) {
            size_t left = packed.size - at;
            png_chunk(&b, "IDAT", NULL, 0);
            png_chunk(&b, "IDAT", packed.at + at, left < size ? left : size);
        }
        png_chunk(&b, "IEND", NULL, 0);
        decodes(&b, expected_crc(), NULL);
    }
}

static void a_wrong_crc_of_idat_counts_where_the_adler_32_is_missing(void **state)
{
    (void)state;
    buffer b, packed;
    deflated(&packed);
    in_pieces(&b, &packed, (size_t[]){ 20, 0 }, NULL);
    b.at[33 + 8 + 20] ^= 1;
    decodes(&b, expected_crc(),
            "the CRC of the IDAT chunk at byte 33 is wrong, but the pixels match");
    packed.size -= 4;
    in_pieces(&b, &packed, (size_t[]){ 20, 0 }, NULL);
    decodes(&b, expected_crc(), "break off behind the last row");
    b.at[33 + 8 + 20] ^= 1;
    refuse(b.at, b.size, CD_ERR_FORMAT, "the IDAT chunk at byte 33 does not match its CRC");
    b.at[33 + 8 + 20] ^= 1;
    b.at[33 + 8 + 15] ^= 1; /* a byte of the data */
    refuse(b.at, b.size, CD_ERR_FORMAT, "the IDAT chunk at byte 33 does not match its CRC");
}

static void one_byte_too_many_is_a_warning(void **state)
{
    (void)state;
    buffer b, packed;
    unsigned char rows[HEIGHT * ROW + 1] = { 0 };
    fill_rows(rows);
    deflate_to(&packed, rows, sizeof rows);
    in_pieces(&b, &packed, (size_t[]){ 0 }, NULL);
    decodes(&b, expected_crc(), "go on behind the last row; what is too much is left out");
}

/* A file of 16 kB with 16 million bytes behind the last row. */
static void what_inflates_too_far_is_left_out_and_takes_no_memory(void **state)
{
    (void)state;
    enum { TOO_FAR = 1 << 24 };
    buffer b, packed;
    unsigned char *raw = calloc(1, TOO_FAR);
    assert_non_null(raw);
    fill_rows(raw);
    deflate_to(&packed, raw, TOO_FAR);
    free(raw);
    in_pieces(&b, &packed, (size_t[]){ 0 }, NULL);
    cd_memory_trim();
    size_t before = cd_memory_stats().bytes_in_use;
    cd_memory_reset_peak();
    decodes(&b, expected_crc(), "go on behind the last row; what is too much is left out");
    assert_true(cd_memory_stats().bytes_peak - before < 100000);
}

/* 2 million grey pixels of one bit are 6 MB as RGB; nothing else grows with the picture. */
static void a_png_takes_no_more_than_its_pixels(void **state)
{
    (void)state;
    enum { PIXELS = 4000 * 500 };
    buffer b, packed;
    unsigned char *raw = calloc(501, 500);
    assert_non_null(raw);
    deflate_to(&packed, raw, 501 * 500);
    free(raw);
    png_begin(&b, 4000, 500, 1, 0, 0);
    png_chunk(&b, "IDAT", packed.at, packed.size);
    png_chunk(&b, "IEND", NULL, 0);
    cd_memory_trim();
    size_t before = cd_memory_stats().bytes_in_use;
    cd_memory_reset_peak();
    cd_pixels p;
    assert_true(decode(b.at, b.size, &p));
    cd_pixels_free(&p);
    assert_true(cd_memory_stats().bytes_peak - before < 8 << 20);
}

static void missing_rows_are_named(void **state)
{
    (void)state;
    buffer b, packed;
    unsigned char rows[HEIGHT * ROW];
    fill_rows(rows);
    deflate_to(&packed, rows, 4 * ROW);
    in_pieces(&b, &packed, (size_t[]){ 0 }, NULL);
    refuse(b.at, b.size, CD_ERR_FORMAT, "PNG: row 5 of 6: the image data end too early");
    deflate_to(&packed, rows, 4 * ROW + 7);
    in_pieces(&b, &packed, (size_t[]){ 0 }, NULL);
    refuse(b.at, b.size, CD_ERR_FORMAT, "PNG: row 5 of 6: the image data end too early");
    rows[2 * ROW] = 5;
    deflate_to(&packed, rows, sizeof rows);
    in_pieces(&b, &packed, (size_t[]){ 0 }, NULL);
    refuse(b.at, b.size, CD_ERR_FORMAT, "row 3 of 6: the row names a filter that does not exist");
    in_pieces(&b, &packed, (size_t[]){ 5, 0 }, NULL);
    refuse(b.at, 33 + 12 + 5, CD_ERR_FORMAT, "PNG: row 1 of 6: the image file is truncated here");
    add(&b, "\0\0\0\4\1\2\3\4xxxxcrc", 15);
    memmove(b.at + 33 + 12 + 5, b.at + b.size - 15, 15);
    refuse(b.at, 33 + 12 + 5 + 15, CD_ERR_FORMAT, "row 1 of 6: the image data end here, and what");
    packed.at[2] = 7; /* a type of deflate block that does not exist */
    in_pieces(&b, &packed, (size_t[]){ 0 }, NULL);
    refuse(b.at, b.size, CD_ERR_FORMAT, "PNG: row 1 of 6: the compressed image data are damaged");
}

/* --- every type, interlaced and filtered ------------------------------------------------------ */

typedef struct kind {
    int color, depth, channels;
} kind;

static const kind kinds[] = { { 0, 1, 1 }, { 0, 2, 1 },  { 0, 4, 1 },  { 0, 8, 1 }, { 0, 16, 1 },
                              { 2, 8, 3 }, { 2, 16, 3 }, { 3, 1, 1 },  { 3, 2, 1 }, { 3, 4, 1 },
                              { 3, 8, 1 }, { 4, 8, 2 },  { 4, 16, 2 }, { 6, 8, 4 }, { 6, 16, 4 } };
enum { KINDS = sizeof kinds / sizeof *kinds, MOST_SIDE = 10, MOST_ROW = 8 * MOST_SIDE };

static unsigned value_at(const kind *k, int x, int y, int channel)
{
    uint32_t mixed = (uint32_t)(x * 7919 + y * 104729 + channel * 1299709 + k->depth) * 2654435761u;
    return mixed >> 16 & ((1u << k->depth) - 1);
}

/* Packs the samples of pixels x0, x0 + dx, ... below `width` of row y. Returns their bytes. */
static size_t pack_row(const kind *k, int x0, int dx, int width, int y, unsigned char *row)
{
    size_t bit = 0;
    memset(row, 0, MOST_ROW);
    for (int x = x0; x < width; x += dx) {
        for (int c = 0; c < k->channels; c++) {
            unsigned value = value_at(k, x, y, c);
            for (int i = k->depth - 1; i >= 0; i--, bit++) {
                row[bit / 8] |= (unsigned char)((value >> i & 1) << (7 - bit % 8));
            }
        }
    }
    return (bit + 7) / 8;
}

/* What each filter type subtracts from a byte (PNG specification, 9.2). */
static int predicted(int filter, int left, int above, int corner)
{
    int p = left + above - corner, a = abs(p - left), b = abs(p - above), c = abs(p - corner);
    int paeth = a <= b && a <= c ? left : b <= c ? above : corner;
    return (int[]){ 0, left, above, (left + above) / 2, paeth }[filter];
}

static void add_filtered(buffer *raw, int filter, const unsigned char *row,
                         const unsigned char *above, size_t bytes, size_t pixel)
{
    add_le(raw, (uint64_t)filter, 1);
    for (size_t i = 0; i < bytes; i++) {
        int left = i < pixel ? 0 : row[i - pixel], corner = i < pixel ? 0 : above[i - pixel];
        add_le(raw, (uint64_t)(row[i] - predicted(filter, left, above[i], corner)) & 255, 1);
    }
}

/* The filtered rows of one pass; filter 5 stands for each type in turn. */
static void add_pass(buffer *raw, const kind *k, const int pass[4], int width, int height,
                     int filter)
{
    unsigned char rows[2][MOST_ROW] = { { 0 } };
    size_t pixel = (size_t)(k->channels * k->depth + 7) / 8;
    for (int y = pass[1], i = 0; y < height && pass[0] < width; y += pass[3], i++) {
        unsigned char *row = rows[i % 2], *above = rows[(i + 1) % 2];
        size_t bytes = pack_row(k, pass[0], pass[2], width, y, row);
        add_filtered(raw, filter == 5 ? (i + 3) % 5 : filter, row, above, bytes, pixel);
    }
}

/* The CRC-32 of the pixels of a file of this kind, decoded. */
static unsigned decoded_crc(const kind *k, int width, int height, bool interlaced, int filter)
{
    static const int passes[7][4] = { { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 },
                                      { 2, 0, 4, 4 }, { 0, 2, 2, 4 }, { 1, 0, 2, 2 },
                                      { 0, 1, 1, 2 } };
    static const int all[4] = { 0, 0, 1, 1 };
    buffer raw = { .size = 0 }, packed, b;
    for (int i = 0; interlaced && i < 7; i++) add_pass(&raw, k, passes[i], width, height, filter);
    if (!interlaced) add_pass(&raw, k, all, width, height, filter);
    deflate_to(&packed, raw.at, raw.size);
    png_begin(&b, (uint32_t)width, (uint32_t)height, k->depth, k->color, interlaced);
    unsigned char palette[768];
    for (int i = 0; i < 768; i++) palette[i] = (unsigned char)(i * 31 + i / 3);
    if (k->color == 3) png_chunk(&b, "PLTE", palette, sizeof palette);
    png_chunk(&b, "IDAT", packed.at, packed.size);
    png_chunk(&b, "IEND", NULL, 0);
    cd_pixels p = { .data = NULL };
    bool done = decode(b.at, b.size, &p);
    assert_that(done, "%s", cd_error_message());
    unsigned crc = pixels_crc(&p);
    cd_pixels_free(&p);
    return crc;
}

static void interlaced_pixels_are_those_of_the_plain_picture(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        for (int width = 1; width <= MOST_SIDE; width++) {
            for (int height = 1; height <= MOST_SIDE; height += 1 + height / 4) {
                unsigned plain = decoded_crc(&kinds[i], width, height, false, 0);
                for (int filter = 2; filter <= 5; filter++) {
                    unsigned interlaced = decoded_crc(&kinds[i], width, height, true, filter);
                    assert_that(plain == interlaced, "colour type %d, %d bits, %d x %d, filter %d",
                                kinds[i].color, kinds[i].depth, width, height, filter);
                }
            }
        }
    }
}

static void every_filter_gives_the_same_pixels(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        unsigned plain = decoded_crc(&kinds[i], 9, 10, false, 0);
        for (int filter = 1; filter <= 5; filter++) {
            assert_int_equal(decoded_crc(&kinds[i], 9, 10, false, filter), plain);
        }
    }
}

/* --- chunks and headers ----------------------------------------------------------------------- */

/* The file with a chunk of this type before its IDAT chunk, or with `first` before its header. */
static void with_chunk(buffer *b, const char *type, const void *data, size_t size, bool first)
{
    buffer packed, header;
    deflated(&packed);
    head(b);
    if (first) {
        head(&header);
        b->size = 8;
    }
    png_chunk(b, type, data, size);
    if (first) add(b, header.at + 8, header.size - 8);
    png_chunk(b, "IDAT", packed.at, packed.size);
    png_chunk(b, "IEND", NULL, 0);
}

static void chunks_that_cannot_be_are_errors(void **state)
{
    (void)state;
    buffer b;
    with_chunk(&b, "CgBI", "\0\0\0\0", 4, false);
    refuse(b.at, b.size, CD_ERR_UNSUPPORTED, "Apple's own variant (CgBI)");
    with_chunk(&b, "CgBI", "\0\0\0\0", 4, true); /* where Xcode writes it */
    refuse(b.at, b.size, CD_ERR_UNSUPPORTED, "save it as an ordinary PNG");
    with_chunk(&b, "ABcD", "\0\0\0\0", 4, false);
    refuse(b.at, b.size, CD_ERR_UNSUPPORTED, "a critical chunk of unknown type ABcD at byte 33");
    with_chunk(&b, "IHDR", "\0\0\0\1\0\0\0\1\10\2\0\0\0", 13, false);
    refuse(b.at, b.size, CD_ERR_FORMAT, "a second IHDR");
    with_chunk(&b, "tEXt", "a\0b", 3, true);
    refuse(b.at, b.size, CD_ERR_FORMAT, "the first chunk is not an IHDR");
    with_chunk(&b, "te1t", "a\0b", 3, false);
    refuse(b.at, b.size, CD_ERR_FORMAT, "not made of letters, at byte 33");
    with_chunk(&b, "IEND", NULL, 0, false);
    refuse(b.at, b.size, CD_ERR_FORMAT, "no IDAT");
    whole(&b);
    b.at[4] = '\n';
    refuse(b.at, b.size, CD_ERR_FORMAT, "the signature is damaged, as by a transfer in text mode");
}

/* Colour spaces, animation, a suggested palette, transparency: PIL drops them all when it converts
 * to RGB, whatever their data are. */
static void chunks_that_cannot_change_a_pixel_are_passed_over(void **state)
{
    (void)state;
    static const char *const types[] = { "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD",
                                         "hIST", "tRNS", "pHYs", "sPLT", "tIME", "iTXt",
                                         "zTXt", "acTL", "fcTL", "eXIf", "PLTE", "prVt" };
    buffer b;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        for (size_t size = 0; size <= 12; size += 4) {
            with_chunk(&b, types[i], "abcdefghijkl", size, false);
            decodes(&b, expected_crc(), NULL);
        }
    }
}

static void a_palette_must_be_there_and_whole(void **state)
{
    (void)state;
    buffer b, packed;
    static const unsigned char palette[771] = { 0 }, row[8] = { 0 };
    deflate_to(&packed, row, sizeof row);
    static const struct {
        size_t first, second;
        const char *text;
    } cases[] = { { 0, 0, "without a PLTE chunk" },
                  { 4, 0, "1 to 256 colours" },
                  { 771, 0, "1 to 256 colours" },
                  { 3, 3, "a second PLTE" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        png_begin(&b, 7, 1, 8, 3, 0);
        if (cases[i].first) png_chunk(&b, "PLTE", palette, cases[i].first);
        if (cases[i].second) png_chunk(&b, "PLTE", palette, cases[i].second);
        png_chunk(&b, "IDAT", packed.at, packed.size);
        png_chunk(&b, "IEND", NULL, 0);
        refuse(b.at, b.size, CD_ERR_FORMAT, cases[i].text);
    }
}

/* The file with another header is refused. */
static void header(uint32_t width, uint32_t height, int depth, int color, cd_code code,
                   const char *text)
{
    buffer b, packed;
    deflated(&packed);
    png_begin(&b, width, height, depth, color, 0);
    png_chunk(&b, "IDAT", packed.at, packed.size);
    png_chunk(&b, "IEND", NULL, 0);
    refuse_early(b.at, b.size, code, text);
}

static void headers_are_checked_before_memory_is_taken(void **state)
{
    (void)state;
    header(0xffffffff, 0xffffffff, 8, 2, CD_ERR_UNSUPPORTED, "4294967295 x 4294967295");
    header(0, 6, 8, 2, CD_ERR_FORMAT, "no side may be 0");
    header(7, 0, 8, 2, CD_ERR_FORMAT, "no side may be 0");
    header(9000, 9000, 8, 2, CD_ERR_FORMAT, "too short for the size");
    header(7, 7, 8, 2, CD_ERR_FORMAT, "row 7 of 7");
    header(7, 6, 3, 2, CD_ERR_FORMAT, "colour type 2 with 3 bits");
    header(7, 6, 16, 3, CD_ERR_FORMAT, "colour type 3 with 16 bits");
    header(7, 6, 8, 5, CD_ERR_FORMAT, "colour type 5");
    header(7, 6, 8, 9, CD_ERR_FORMAT, "colour type 9");
    header(7, 6, 8, 3, CD_ERR_FORMAT, "without a PLTE");
    buffer b;
    for (int i = 0; i < 3; i++) {
        whole(&b);
        b.at[26 + i] = 2;
        b.size = 29;
        add_be(&b, crc32_z(0, b.at + 12, 17), 4);
        refuse(b.at, b.size, CD_ERR_FORMAT, "only 0, 0 and 0 or 1 exist");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_pixels_with_a_broken_end_are_read_with_a_warning),
        TEST(a_file_that_is_cut_is_read_once_its_pixels_are_whole),
        TEST(an_exif_chunk_behind_the_pixels_counts),
        TEST(damage_in_front_of_the_pixels_is_an_error),
        TEST(a_wrong_adler_32_is_an_error),
        TEST(a_foreign_chunk_between_idat_chunks_is_an_error),
        TEST(idat_chunks_of_any_size_are_one_stream),
        TEST(a_wrong_crc_of_idat_counts_where_the_adler_32_is_missing),
        TEST(one_byte_too_many_is_a_warning),
        TEST(what_inflates_too_far_is_left_out_and_takes_no_memory),
        TEST(a_png_takes_no_more_than_its_pixels),
        TEST(missing_rows_are_named),
        TEST(interlaced_pixels_are_those_of_the_plain_picture),
        TEST(every_filter_gives_the_same_pixels),
        TEST(chunks_that_cannot_be_are_errors),
        TEST(chunks_that_cannot_change_a_pixel_are_passed_over),
        TEST(a_palette_must_be_there_and_whole),
        TEST(headers_are_checked_before_memory_is_taken),
    };
    return RUN(tests);
}
