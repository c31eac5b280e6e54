/* The decoder of PNG files: signature, header and chunks (PNG specification, third edition, 5.3 and
 * 5.4).
 *
 * The chunks before the image data must be whole, as in PIL. Damage behind the image data cannot
 * change a pixel any more, so it is only a warning. */
#include "io/image_png_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "core/error.h"
#include "core/error_internal.h"

enum { SIGNATURE_BYTES = 8, CHUNK_OVERHEAD = 12, PALETTE_ENTRIES = 256 };

static uint32_t read_32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* --- chunks ----------------------------------------------------------------------------------- */

bool cd_png_chunk_at(const cd_image_source *file, size_t at, cd_png_chunk *chunk)
{
    if (at > file->size || file->size - at < 8) return false;
    const unsigned char *type = file->bytes + at + 4;
    for (int i = 0; i < 4; i++) {
        if ((type[i] | 32) < 'a' || (type[i] | 32) > 'z') return false;
    }
    size_t left = file->size - at - 8, declared = read_32(file->bytes + at);
    *chunk = (cd_png_chunk){ .at = at,
                             .type = type,
                             .length = declared < left ? declared : left,
                             .cut = left < declared || left - declared < 4 };
    return true;
}

bool cd_png_is(const cd_png_chunk *chunk, const char *type)
{
    return memcmp(chunk->type, type, 4) == 0;
}

bool cd_png_crc_matches(const cd_png_chunk *chunk)
{
    if (chunk->cut) return false;
    const unsigned char *crc = chunk->type + 4 + chunk->length;
    return (uint32_t)crc32(0, chunk->type, (uInt)(chunk->length + 4)) == read_32(crc);
}

size_t cd_png_behind(const cd_image_source *file, const cd_png_chunk *chunk)
{
    return chunk->cut ? file->size : chunk->at + CHUNK_OVERHEAD + chunk->length;
}

void cd_png_warn(cd_png *p, const char *format, ...)
{
    if (p->warnings++ > 0) return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(p->warning, sizeof p->warning, format, arguments);
    va_end(arguments);
}

/* --- before the image data -------------------------------------------------------------------- */

static bool damaged(const cd_png *p, size_t at, const char *what)
{
    return cd_fail(CD_ERR_FORMAT, "%s: PNG: %s, at byte %zu", p->file->name, what, at);
}

/* Reads the chunk at `at`, which must be whole. CRCs of IDAT chunks are checked with the rows. */
static bool whole_chunk(const cd_png *p, size_t at, cd_png_chunk *chunk)
{
    if (p->file->size - at < 8) {
        return damaged(p, at, "the image file is truncated: it ends before the image data");
    }
    if (!cd_png_chunk_at(p->file, at, chunk)) {
        return damaged(p, at, "a chunk's type is not made of letters");
    }
    if (cd_png_is(chunk, "IDAT") || cd_png_crc_matches(chunk)) return true;
    return cd_fail(CD_ERR_FORMAT, "%s: PNG: the %.4s chunk at byte %zu %s", p->file->name,
                   (const char *)chunk->type, at,
                   chunk->cut ? "is cut off: the image file is truncated"
                              : "does not match its CRC");
}

/* A CgBI chunk, which Xcode writes before the header: such a file's pixels are a raw deflate stream
 * in another channel order. */
static bool apple(const cd_png *p)
{
    return cd_fail(
        CD_ERR_UNSUPPORTED,
        "%s: PNG: this is Apple's own variant (CgBI), which Xcode makes for iOS; save it "
        "as an ordinary PNG",
        p->file->name);
}

/* Reads IHDR: width, height, depth, colour type, and methods of compression and filtering (only 0
 * exists) and of interlacing (0 or 1). */
static bool read_header(cd_png *p, const cd_png_chunk *chunk)
{
    const unsigned char *header = chunk->type + 4;
    if (cd_png_is(chunk, "CgBI")) return apple(p);
    if (!cd_png_is(chunk, "IHDR") || chunk->length != 13) {
        return damaged(p, chunk->at, "the first chunk is not an IHDR of 13 bytes");
    }
    p->width = read_32(header);
    p->height = read_32(header + 4);
    p->depth = header[8];
    p->color = header[9];
    /* The depths that each colour type allows: bit d is set for depth d (table 12). */
    static const uint32_t depths[7] = { [CD_PNG_GREY] = 0x10116,
                                        [CD_PNG_RGB] = 0x10100,
                                        [CD_PNG_PALETTE] = 0x116,
                                        [CD_PNG_GREY_ALPHA] = 0x10100,
                                        [CD_PNG_RGBA] = 0x10100 };
    if (p->color > CD_PNG_RGBA || p->depth > 16 || !(depths[p->color] >> p->depth & 1)) {
        return cd_fail(CD_ERR_FORMAT, "%s: PNG: colour type %d with %d bits does not exist",
                       p->file->name, p->color, p->depth);
    }
    if (header[10] != 0 || header[11] != 0 || header[12] > 1) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: PNG: the header asks for compression %d, filter %d and interlacing %d; "
                       "only 0, 0 and 0 or 1 exist",
                       p->file->name, header[10], header[11], header[12]);
    }
    p->interlaced = header[12] == 1;
    return cd_image_size_allowed(p->file, "PNG", p->width, p->height);
}

static bool read_palette(cd_png *p, const cd_png_chunk *chunk)
{
    if (p->color != CD_PNG_PALETTE) return true; /* here a hint, which does not change a pixel */
    if (p->has_palette) return damaged(p, chunk->at, "a second PLTE chunk");
    if (chunk->length == 0 || chunk->length % 3 != 0 || chunk->length > sizeof p->palette) {
        return damaged(p, chunk->at, "the PLTE chunk does not hold 1 to 256 colours of 3 bytes");
    }
    memcpy(p->palette, chunk->type + 4, chunk->length);
    p->has_palette = true;
    return true;
}

/* Reads or refuses a chunk between the header and the image data. */
static bool read_chunk(cd_png *p, const cd_png_chunk *chunk)
{
    if (cd_png_is(chunk, "PLTE")) return read_palette(p, chunk);
    if (cd_png_is(chunk, "eXIf")) {
        p->orientation = cd_exif_orientation(chunk->type + 4, chunk->length);
    } else if (cd_png_is(chunk, "IHDR")) {
        return damaged(p, chunk->at, "a second IHDR chunk");
    } else if (cd_png_is(chunk, "IEND")) {
        return damaged(p, chunk->at, "there is no IDAT chunk: the file ends without image data");
    } else if (cd_png_is(chunk, "CgBI")) {
        return apple(p);
    } else if (!(chunk->type[0] & 32)) {
        return cd_fail(
            CD_ERR_UNSUPPORTED,
            "%s: PNG: a critical chunk of unknown type %.4s at byte %zu; without knowing "
            "it the pixels cannot be read",
            p->file->name, (const char *)chunk->type, chunk->at);
    }
    return true;
}

size_t cd_png_row_bytes(const cd_png *p, uint32_t width)
{
    static const unsigned channels[7] = { [CD_PNG_GREY] = 1,
                                          [CD_PNG_RGB] = 3,
                                          [CD_PNG_PALETTE] = 1,
                                          [CD_PNG_GREY_ALPHA] = 2,
                                          [CD_PNG_RGBA] = 4 };
    return ((size_t)width * channels[p->color] * (unsigned)p->depth + 7) / 8;
}

/* Everything up to the first IDAT chunk. */
static bool read_head(cd_png *p)
{
    static const unsigned char signature[SIGNATURE_BYTES] = "\x89PNG\r\n\x1a\n";
    const cd_image_source *file = p->file;
    if (file->size < SIGNATURE_BYTES || memcmp(file->bytes, signature, SIGNATURE_BYTES) != 0) {
        return damaged(p, 0, "the signature is damaged, as by a transfer in text mode");
    }
    cd_png_chunk chunk;
    size_t at = SIGNATURE_BYTES;
    if (!whole_chunk(p, at, &chunk) || !read_header(p, &chunk)) return false;
    for (;;) {
        at = cd_png_behind(file, &chunk);
        if (!whole_chunk(p, at, &chunk)) return false;
        if (cd_png_is(&chunk, "IDAT")) break;
        if (!read_chunk(p, &chunk)) return false;
    }
    p->data_at = at;
    if (p->color == CD_PNG_PALETTE && !p->has_palette) {
        return damaged(p, at, "a palette image without a PLTE chunk before the image data");
    }
    return true;
}

/* Whether the file can hold the pixels that it declares: deflate unpacks one byte to at most 1032.
 * Asked before memory is taken. *end becomes the offset behind the consecutive IDAT chunks. */
static bool large_enough(const cd_png *p, size_t *end)
{
    uint64_t data_bytes = 0;
    cd_png_chunk chunk;
    size_t at = p->data_at;
    while (cd_png_chunk_at(p->file, at, &chunk) && cd_png_is(&chunk, "IDAT")) {
        data_bytes += chunk.length;
        at = cd_png_behind(p->file, &chunk);
    }
    *end = at;
    if ((uint64_t)cd_png_row_bytes(p, p->width) * p->height / 1032 <= data_bytes) return true;
    return damaged(p, at, "the IDAT chunks are too short for the size in the header");
}

/* --- behind the image data -------------------------------------------------------------------- */

/* The chunks from offset `at` on: warnings, and the EXIF orientation. */
static void read_tail(cd_png *p, size_t at)
{
    cd_png_chunk chunk;
    for (; cd_png_chunk_at(p->file, at, &chunk); at = cd_png_behind(p->file, &chunk)) {
        if (!cd_png_crc_matches(&chunk)) {
            cd_png_warn(p, "the %.4s chunk at byte %zu, behind the pixels, %s",
                        (const char *)chunk.type, at,
                        chunk.cut ? "is cut off" : "does not match its CRC");
        } else if (cd_png_is(&chunk, "eXIf")) {
            p->orientation = cd_exif_orientation(chunk.type + 4, chunk.length);
        }
        if (cd_png_is(&chunk, "IEND")) return;
    }
    cd_png_warn(p, "the file has no end (IEND chunk) behind the pixels");
}

bool cd_png_decode(const cd_image_source *source, cd_pixels *out)
{
    cd_png p = { .file = source };
    size_t end;
    if (!read_head(&p) || !large_enough(&p, &end)) return false;
    cd_pixels pixels;
    if (!cd_pixels_new((int)p.width, (int)p.height, 3, &pixels)) return false;
    if (!cd_png_read_rows(&p, &pixels)) {
        cd_pixels_free(&pixels);
        return false;
    }
    read_tail(&p, end);
    pixels.orientation = p.orientation;
    pixels.warnings = p.warnings;
    if (p.warnings > 0) {
        cd_log_line(CD_LOG_WARNING, "%s: PNG: %s; the pixels are whole", source->name, p.warning);
    }
    if (p.clipped) {
        cd_log_line(
            CD_LOG_WARNING,
            "%s: PNG: 16-bit grey above 255 becomes white, as in PIL; convert the file to 8 "
            "bits to see it",
            source->name);
    }
    *out = pixels;
    return true;
}
