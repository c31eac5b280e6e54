/* Decodes a PNG file that is made from the input in one of two ways.
 *
 * An input that begins with 0x89 is the file itself. The CRCs of its chunks are corrected first, so
 * that changed bytes get past that check. Checked: what fuzz_decoded checks (decoded.h).
 *
 * Any other input describes a picture: colour type, depth, sides, interlacing, palette and the
 * filtered rows. The target compresses the rows, so that the input reaches filters and interlacing
 * without having to match zlib's checksum. Checked besides: a picture is read if and only if all
 * its rows are there and their filters exist, also when the compressed stream is cut; how the rows
 * are compressed and divided into IDAT chunks changes nothing. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "tests/fuzz/decoded.h"

/* --- a file ----------------------------------------------------------------------------------- */

/* Corrects the CRCs of all chunks. */
static void repair(uint8_t *bytes, size_t size)
{
    for (size_t at = 8; size >= 12 && at <= size - 12;) {
        size_t length = (size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 |
                        (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (length > size - 12 - at) return;
        uint32_t crc = (uint32_t)crc32(0, bytes + at + 4, (uInt)length + 4);
        for (int i = 0; i < 4; i++)
            bytes[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
}

static void decode_file(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size);
    memcpy(copy, data, size);
    repair(copy, size);
    cd_pixels pixels;
    (void)fuzz_decoded(copy, size, &pixels);
    cd_pixels_free(&pixels);
    free(copy);
}

/* --- rows ------------------------------------------------------------------------------------- */

typedef struct picture {
    unsigned width, height, depth, color;
    unsigned bits; /* per pixel */
    bool interlaced;
    bool whole; /* every row is there and has a filter that exists */
    fuzz_input palette;
    uint8_t *rows;
    size_t size;   /* bytes of rows in the input */
    size_t needed; /* bytes of rows that the picture needs */
} picture;

/* Reduces the filter of each row of an interlacing pass to 0 to 5: there are five filters, and 5 is
 * invalid. The pass begins at byte `at`; returns the first byte behind it. */
static size_t set_filters(picture *p, size_t at, unsigned width, unsigned height)
{
    size_t row = 1 + ((size_t)width * p->bits + 7) / 8;
    if (width == 0 || height == 0) return at;
    for (unsigned y = 0; y < height; y++, at += row) {
        if (at < p->size) p->rows[at] %= 6;
        p->whole = p->whole && at + row <= p->size && p->rows[at] < 5;
    }
    return at;
}

static void set_all_filters(picture *p)
{
    static const unsigned x0[] = { 0, 4, 0, 2, 0, 1, 0 }, dx[] = { 8, 8, 4, 4, 2, 2, 1 };
    static const unsigned y0[] = { 0, 0, 4, 0, 2, 0, 1 }, dy[] = { 8, 8, 8, 4, 4, 2, 2 };
    size_t at = 0;
    p->whole = true;
    if (!p->interlaced) at = set_filters(p, at, p->width, p->height);
    for (int i = 0; i < 7 && p->interlaced; i++) {
        at = set_filters(p, at, (p->width + dx[i] - 1 - x0[i]) / dx[i],
                         (p->height + dy[i] - 1 - y0[i]) / dy[i]);
    }
    p->needed = at;
}

static void put_chunk(fuzz_bytes *out, const char *type, const void *bytes, size_t size)
{
    fuzz_put_be(out, size, 4);
    size_t at = out->size;
    fuzz_put(out, type, 4);
    fuzz_put(out, bytes, size);
    fuzz_put_be(out, crc32(0, out->data + at, (uInt)(size + 4)), 4);
}

/* Makes the file. Its rows are compressed at this level, lack the last `cut` bytes, and are divided
 * into IDAT chunks of `piece` bytes. */
static fuzz_bytes make_file(const picture *p, int level, size_t piece, size_t cut)
{
    fuzz_bytes file = { .size = 0 }, head = { .size = 0 };
    uLongf size = compressBound(p->size);
    uint8_t *packed = malloc(size);
    (void)compress2(packed, &size, p->rows, p->size, level);
    size = size > cut ? size - cut : 0;
    fuzz_put_be(&head, p->width, 4);
    fuzz_put_be(&head, p->height, 4);
    fuzz_put(&head, (uint8_t[]){ (uint8_t)p->depth, (uint8_t)p->color, 0, 0, p->interlaced }, 5);
    fuzz_put(&file, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(&file, "IHDR", head.data, head.size);
    if (p->color == 3) put_chunk(&file, "PLTE", p->palette.data, p->palette.size);
    for (size_t at = 0; at < size; at += piece) {
        put_chunk(&file, "IDAT", packed + at, size - at < piece ? size - at : piece);
    }
    put_chunk(&file, "IEND", NULL, 0);
    free(packed);
    free(head.data);
    return file;
}

/* Decodes a file whose compressed stream lacks its last `cut` bytes. At level 0 zlib stores the
 * rows uncompressed, and behind them 4 bytes of checksum, so it is known which rows are left. */
static void decode_cut(const picture *p, size_t cut)
{
    enum { CHECKSUM = 4 };
    size_t left = cut > CHECKSUM ? p->size + CHECKSUM - cut : p->size;
    if (cut > p->size) return;
    fuzz_bytes file = make_file(p, 0, SIZE_MAX, cut);
    cd_pixels pixels;
    FUZZ_CHECK(fuzz_decoded(file.data, file.size, &pixels) == (p->whole && left >= p->needed));
    cd_pixels_free(&pixels);
    free(file.data);
}

/* Decodes the picture three times: compressed in one chunk, uncompressed in many chunks, and
 * cut. */
static void decode_rows(const picture *p, size_t piece)
{
    fuzz_bytes one = make_file(p, 6, SIZE_MAX, 0), many = make_file(p, 0, piece, 0);
    cd_pixels pixels, others;
    bool done = fuzz_decoded(one.data, one.size, &pixels);
    FUZZ_CHECK(done == p->whole);
    FUZZ_CHECK(fuzz_decoded(many.data, many.size, &others) == done);
    if (done) FUZZ_CHECK(fuzz_same_pixels(&pixels, &others));
    cd_pixels_free(&pixels);
    cd_pixels_free(&others);
    free(one.data);
    free(many.data);
    decode_cut(p, piece % 16);
}

/* Reads the description of a picture, and decodes it. */
static void describe(fuzz_input in)
{
    /* Depth, colour type and bits per pixel of all kinds of PNG. */
    static const uint8_t kinds[][3] = { { 1, 0, 1 },   { 2, 0, 2 },  { 4, 0, 4 },   { 8, 0, 8 },
                                        { 16, 0, 16 }, { 8, 2, 24 }, { 16, 2, 48 }, { 1, 3, 1 },
                                        { 2, 3, 2 },   { 4, 3, 4 },  { 8, 3, 8 },   { 8, 4, 16 },
                                        { 16, 4, 32 }, { 8, 6, 32 }, { 16, 6, 64 } };
    unsigned kind = fuzz_u8(&in), count = sizeof kinds / sizeof *kinds;
    const uint8_t *k = kinds[kind % count];
    picture p = { .depth = k[0], .color = k[1], .bits = k[2], .interlaced = kind / count % 2 };
    p.width = 1 + fuzz_u8(&in) % 40;
    p.height = 1 + fuzz_u8(&in) % 40;
    size_t piece = 1 + fuzz_u8(&in), colors = 1 + fuzz_u8(&in) % (1u << (k[0] < 8 ? k[0] : 8));
    if (p.color == 3) p.palette = fuzz_take(&in, 3 * colors);
    p.palette.size -= p.palette.size % 3;
    if (p.color == 3 && p.palette.size == 0) return;
    p.size = in.size;
    p.rows = malloc(in.size + 1);
    if (in.size > 0) memcpy(p.rows, in.data, in.size);
    set_all_filters(&p);
    decode_rows(&p, piece);
    free(p.rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    fuzz_begin(FUZZ_PICTURE_MEMORY);
    if (data[0] == 0x89) {
        decode_file(data, size);
    } else {
        describe((fuzz_input){ data, size });
    }
    fuzz_end();
    return 0;
}
