#include "io/image_format_internal.h"

#include <string.h>

#include <zlib.h>

#include "core/error.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/stb_image_internal.h"

/* A PNG file is a signature of 8 bytes and chunks: length (4 bytes, big-endian), type (4), data,
 * and the CRC-32 of type and data (PNG specification, third edition, 5.3). stb_image looks at no
 * CRC and trusts a palette to be complete, so both are settled here before it sees the file. */
enum { SIGNATURE_BYTES = 8, CHUNK_OVERHEAD = 12, PALETTE_ENTRIES = 256 };
enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGBA = 6 };

typedef struct png {
    const cd_image_source *file;
    uint32_t width, height;
    int depth, color;
    size_t size;         /* up to the end of IEND; what follows is no part of it */
    uint64_t data_bytes; /* in all IDAT chunks */
    size_t palette_at;   /* where the PLTE chunk begins, 0: none */
    size_t palette_bytes;
    int orientation;
} png;

static uint32_t read_32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void write_32(unsigned char *p, uint32_t value)
{
    for (int i = 0; i < 4; i++) p[i] = (unsigned char)(value >> (24 - 8 * i));
}

static bool is_type(const unsigned char *chunk, const char *type)
{
    return memcmp(chunk + 4, type, 4) == 0;
}

static bool damaged(const png *p, size_t at, const char *what)
{
    return cd_fail(CD_ERR_FORMAT, "%s: PNG: %s, at byte %zu", p->file->name, what, at);
}

/* The chunk at `at`: whole, of a type made of letters, and with the right CRC. */
static bool check_chunk(const png *p, size_t at, uint32_t *length)
{
    const unsigned char *chunk = p->file->bytes + at;
    size_t left = p->file->size - at;
    if (left < CHUNK_OVERHEAD) {
        return damaged(p, at, "the image file is truncated: there is no IEND chunk");
    }
    *length = read_32(chunk);
    if (*length > left - CHUNK_OVERHEAD) {
        return damaged(p, at, "the image file is truncated: a chunk is longer than what is left");
    }
    for (int i = 4; i < 8; i++) {
        if ((chunk[i] | 32) < 'a' || (chunk[i] | 32) > 'z') {
            return damaged(p, at, "a chunk's type is not made of letters");
        }
    }
    if ((uint32_t)crc32(0, chunk + 4, (uInt)(*length + 4)) != read_32(chunk + 8 + *length)) {
        return cd_fail(CD_ERR_FORMAT, "%s: PNG: the %.4s chunk at byte %zu does not match its CRC",
                       p->file->name, (const char *)chunk + 4, at);
    }
    return true;
}

static bool read_header(png *p, uint32_t length)
{
    const unsigned char *chunk = p->file->bytes + SIGNATURE_BYTES, *header = chunk + 8;
    if (!is_type(chunk, "IHDR") || length != 13) {
        return damaged(p, SIGNATURE_BYTES, "the first chunk is not an IHDR of 13 bytes");
    }
    p->width = read_32(header);
    p->height = read_32(header + 4);
    p->depth = header[8];
    p->color = header[9];
    /* Bit d stands for depth d: what each colour type allows (table 12 of the specification). */
    static const uint32_t depths[7] = { [GREY] = 0x10116,
                                        [RGB] = 0x10100,
                                        [PALETTE] = 0x116,
                                        [GREY_ALPHA] = 0x10100,
                                        [RGBA] = 0x10100 };
    if (p->color > RGBA || p->depth > 16 || !(depths[p->color] >> p->depth & 1)) {
        return cd_fail(CD_ERR_FORMAT, "%s: PNG: colour type %d with %d bits does not exist",
                       p->file->name, p->color, p->depth);
    }
    return cd_image_size_allowed(p->file, "PNG", p->width, p->height);
}

/* What this reader wants to know of a chunk after the first. */
static bool note_chunk(png *p, size_t at, uint32_t length)
{
    const unsigned char *chunk = p->file->bytes + at;
    if (is_type(chunk, "IDAT")) {
        p->data_bytes += length;
    } else if (is_type(chunk, "PLTE")) {
        if (p->palette_at) return damaged(p, at, "a second PLTE chunk");
        if (length == 0 || length % 3 != 0 || length > 3 * PALETTE_ENTRIES) {
            return damaged(p, at, "the PLTE chunk does not hold 1 to 256 colours of 3 bytes");
        }
        p->palette_at = at;
        p->palette_bytes = length;
    } else if (is_type(chunk, "eXIf")) {
        p->orientation = cd_exif_orientation(chunk + 8, length);
    } else if (is_type(chunk, "IHDR")) {
        return damaged(p, at, "a second IHDR chunk");
    } else if (!(chunk[4] & 32) && !is_type(chunk, "IEND")) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: PNG: a critical chunk of unknown type %.4s at byte %zu", p->file->name,
                       (const char *)chunk + 4, at);
    }
    return true;
}

static uint64_t row_bytes(const png *p)
{
    static const unsigned channels[7] = {
        [GREY] = 1, [RGB] = 3, [PALETTE] = 1, [GREY_ALPHA] = 2, [RGBA] = 4
    };
    return ((uint64_t)p->width * channels[p->color] * (unsigned)p->depth + 7) / 8;
}

static bool check_file(png *p)
{
    static const unsigned char signature[SIGNATURE_BYTES] = "\x89PNG\r\n\x1a\n";
    const cd_image_source *file = p->file;
    if (file->size < SIGNATURE_BYTES || memcmp(file->bytes, signature, SIGNATURE_BYTES) != 0) {
        return damaged(p, 0, "the signature is damaged");
    }
    for (size_t at = SIGNATURE_BYTES;;) {
        uint32_t length = 0;
        if (!check_chunk(p, at, &length)) return false;
        if (at == SIGNATURE_BYTES ? !read_header(p, length) : !note_chunk(p, at, length)) {
            return false;
        }
        bool end = is_type(file->bytes + at, "IEND");
        at += CHUNK_OVERHEAD + length;
        if (!end) continue;
        p->size = at;
        break;
    }
    if (p->color == PALETTE && !p->palette_at) {
        return damaged(p, SIGNATURE_BYTES, "a palette image without a PLTE chunk");
    }
    /* Deflate makes at most 1032 bytes of one, so a file that declares more than it can hold is
     * refused before memory is taken. */
    if (row_bytes(p) * p->height / 1032 > p->data_bytes) {
        return damaged(p, p->size, "the IDAT chunks are too short for the size in the header");
    }
    return true;
}

/* The same file with a palette of 256 colours: those that were missing are black, as in PIL. Their
 * CRC is left 0, since nothing looks at it any more. */
static unsigned char *with_whole_palette(const png *p, size_t *size)
{
    const unsigned char *bytes = p->file->bytes;
    size_t whole = 3 * PALETTE_ENTRIES, missing = whole - p->palette_bytes;
    size_t data = p->palette_at + 8, after = data + p->palette_bytes + 4;
    unsigned char *copy = cd_alloc(p->size + missing);
    if (!copy) return NULL;
    memcpy(copy, bytes, data + p->palette_bytes);
    write_32(copy + p->palette_at, (uint32_t)whole);
    memset(copy + data + p->palette_bytes, 0, missing + 4);
    memcpy(copy + after + missing, bytes + after, p->size - after);
    *size = p->size + missing;
    return copy;
}

/* 16 bits to RGB of 8 as PIL does it: of grey (one channel) what is above 255 becomes 255, of the
 * others (three) the high byte stays. True when something was cut off. */
static bool narrow(const uint16_t *wide, int channels, cd_pixels *out)
{
    size_t count = (size_t)out->width * (size_t)out->height;
    bool clipped = false;
    for (size_t i = 0; channels == 1 && i < count; i++) {
        clipped |= wide[i] > 255;
        memset(out->data + 3 * i, wide[i] > 255 ? 255 : wide[i], 3);
    }
    for (size_t i = 0; channels == 3 && i < 3 * count; i++) {
        out->data[i] = (unsigned char)(wide[i] >> 8);
    }
    return clipped;
}

/* The decoder's result, which is taken over, as pixels. */
static bool take_pixels(const png *p, int channels, void *data, cd_pixels *out)
{
    cd_pixels read = {
        .width = (int)p->width, .height = (int)p->height, .channels = 3, .data = data
    };
    if (p->depth == 16) {
        bool made = cd_pixels_new(read.width, read.height, 3, &read);
        bool clipped = made && narrow(data, channels, &read);
        cd_free(data);
        if (!made) return false;
        if (clipped) {
            cd_log_line(
                CD_LOG_WARNING,
                "%s: PNG: 16-bit grey above 255 becomes white, as in PIL; convert the file to 8 "
                "bits to see it",
                p->file->name);
        }
    }
    read.orientation = p->orientation;
    *out = read;
    return true;
}

/* The most that the decoder may ask for at once: the inflated rows (twice, for their buffer doubles
 * as it grows; there are up to twice as many when interlaced, each with a filter's byte and a byte
 * of padding), the pixels before or after they became RGB, or all IDAT chunks together. A stream
 * that inflates to much more than the header declares ends there. */
static size_t largest_block(const png *p, size_t size)
{
    size_t rows = ((size_t)row_bytes(p) + 4) * p->height + 64;
    size_t channels = p->color == RGB || p->color == RGBA ? 4 : 3;
    size_t pixels = (size_t)p->width * p->height * channels * (p->depth == 16 ? 2 : 1);
    size_t most = rows > size ? 2 * rows : 2 * size;
    return (most > pixels ? most : pixels) + 65536;
}

bool cd_png_decode(const cd_image_source *source, cd_pixels *out)
{
    png p = { .file = source };
    if (!check_file(&p)) return false;
    const unsigned char *bytes = source->bytes;
    size_t size = p.size;
    unsigned char *copy = NULL;
    if (p.color == PALETTE && p.palette_bytes < 3 * PALETTE_ENTRIES) {
        copy = with_whole_palette(&p, &size);
        if (!copy) return false;
        bytes = copy;
    }
    size_t block = largest_block(&p, size);
    int channels = p.color == GREY && p.depth == 16 ? 1 : 3, width, height;
    const char *reason = "";
    void *data =
        cd_stb_png_decode(bytes, size, block, channels, p.depth == 16, &width, &height, &reason);
    cd_free(copy);
    if (!data) return cd_fail(CD_ERR_FORMAT, "%s: PNG: damaged: %s", source->name, reason);
    return take_pixels(&p, channels, data, out);
}
