#include "io/image_format_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"

/* Windows and OS/2 bitmaps without compression: 1, 4 and 8 bits with a palette, 16 and 32 bits with
 * fields (5-5-5 and 8-8-8 unless masks are given), 24 bits. A file header of 14 bytes, an
 * information header whose first field is its own size, masks, palette, rows from the bottom up
 * (from the top down when the height is negative), each padded to 4 bytes. Alpha is dropped. */
enum { FILE_HEADER = 14, CORE_HEADER = 12, INFO_HEADER = 40, MASKS_IN_HEADER = 52 };
enum { PLAIN = 0, BITFIELDS = 3 }; /* of the compression field */

typedef struct field {
    uint32_t mask, most; /* the field's bits in a pixel; its largest value */
    int shift;
} field;

typedef struct bmp {
    const cd_image_source *file;
    uint32_t header_bytes, offset, colors;
    int width, height, bits;
    bool top_down;
    uint32_t compression;
    field rgb[3];
    unsigned char palette[256][3]; /* RGB; what the file does not give is black, as in PIL */
} bmp;

static uint32_t read_16(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t read_32(const unsigned char *p)
{
    return read_16(p) | read_16(p + 2) << 16;
}

static bool truncated(const bmp *b, const char *where)
{
    return cd_fail(CD_ERR_FORMAT, "%s: BMP: the image file is truncated: %zu bytes end in the %s",
                   b->file->name, b->file->size, where);
}

static bool read_size(bmp *b, const unsigned char *info)
{
    uint32_t width, height;
    if (b->header_bytes == CORE_HEADER) {
        width = read_16(info + 4);
        height = read_16(info + 6);
        b->bits = (int)read_16(info + 10);
    } else {
        width = read_32(info + 4);
        height = read_32(info + 8);
        b->top_down = height >> 31;
        if (b->top_down) height = 0u - height;
        b->bits = (int)read_16(info + 14);
        b->compression = read_32(info + 16);
        b->colors = read_32(info + 32);
    }
    if (!cd_image_size_allowed(b->file, "BMP", width, height)) return false;
    b->width = (int)width;
    b->height = (int)height;
    return true;
}

static bool known_header(uint32_t bytes)
{
    static const uint32_t known[] = { CORE_HEADER, INFO_HEADER, MASKS_IN_HEADER, 56, 64, 108, 124 };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (bytes == known[i]) return true;
    }
    return false;
}

static bool read_header(bmp *b)
{
    const unsigned char *bytes = b->file->bytes;
    if (b->file->size < FILE_HEADER + CORE_HEADER) return truncated(b, "header");
    b->offset = read_32(bytes + 10);
    b->header_bytes = read_32(bytes + FILE_HEADER);
    if (!known_header(b->header_bytes)) {
        return cd_fail(
            CD_ERR_UNSUPPORTED,
            "%s: BMP: an information header of %u bytes; 12, 40, 52, 56, 64, 108 and 124 "
            "are read",
            b->file->name, b->header_bytes);
    }
    if (b->file->size - FILE_HEADER < b->header_bytes) return truncated(b, "header");
    if (!read_size(b, bytes + FILE_HEADER)) return false;
    if (b->compression != PLAIN && b->compression != BITFIELDS) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: BMP: compression %u; only uncompressed bitmaps are read", b->file->name,
                       b->compression);
    }
    int bits = b->bits;
    bool whole = bits == 1 || bits == 4 || bits == 8 || bits == 24;
    if (!(whole && b->compression == PLAIN) && bits != 16 && bits != 32) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: BMP: %d bits per pixel%s; 1, 4, 8, 16, 24 and 32 are read, fields with "
                       "16 and 32",
                       b->file->name, bits, b->compression == BITFIELDS ? " in fields" : "");
    }
    return true;
}

/* A run of 1 to 8 bits. */
static bool set_field(const bmp *b, field *f, uint32_t mask)
{
    f->mask = mask;
    f->shift = mask ? __builtin_ctz(mask) : 0;
    f->most = mask >> f->shift;
    if (mask && (f->most & (f->most + 1)) == 0 && f->most <= 255) return true;
    return cd_fail(CD_ERR_UNSUPPORTED, "%s: BMP: the colour mask %08x is not a run of 1 to 8 bits",
                   b->file->name, mask);
}

static bool read_masks(bmp *b)
{
    if (b->bits != 16 && b->bits != 32) return true;
    static const uint32_t usual[2][3] = { { 0x7c00, 0x3e0, 0x1f }, { 0xff0000, 0xff00, 0xff } };
    const unsigned char *masks = b->file->bytes + FILE_HEADER + INFO_HEADER;
    bool given = b->compression == BITFIELDS;
    if (given && b->file->size < FILE_HEADER + MASKS_IN_HEADER) return truncated(b, "colour masks");
    for (int i = 0; i < 3; i++) {
        uint32_t mask = given ? read_32(masks + 4 * i) : usual[b->bits == 32][i];
        if (!set_field(b, &b->rgb[i], mask)) return false;
    }
    return true;
}

/* What lies between the header and the pixels. PIL takes an offset of 0, and one that forgets the
 * palette, as right after all of it. */
static bool read_palette(bmp *b)
{
    bool masks = b->compression == BITFIELDS && b->header_bytes == INFO_HEADER;
    uint32_t at = FILE_HEADER + b->header_bytes + (masks ? 12u : 0u);
    if (b->offset == 0) b->offset = at;
    if (b->bits > 8) return true;
    uint32_t entry = b->header_bytes == CORE_HEADER ? 3 : 4, most = 1u << b->bits;
    uint32_t count = b->colors == 0 || b->colors > most ? most : b->colors;
    if (b->file->size - at < count * entry) return truncated(b, "palette");
    if (b->offset == at) b->offset += count * entry;
    const unsigned char *bgr = b->file->bytes + at;
    for (uint32_t i = 0; i < count; i++, bgr += entry) {
        for (int c = 0; c < 3; c++) b->palette[i][c] = bgr[2 - c];
    }
    return true;
}

/* --- rows: from the file's to RGB ---------------------------------------------------------------
 */

static void unpack_palette(const bmp *b, const unsigned char *row, unsigned char *rgb)
{
    int per_byte = 8 / b->bits;
    unsigned mask = (1u << b->bits) - 1;
    for (int x = 0; x < b->width; x++, rgb += 3) {
        int shift = 8 - b->bits * (x % per_byte + 1); /* the leftmost pixel is in the high bits */
        memcpy(rgb, b->palette[(unsigned)row[x / per_byte] >> shift & mask], 3);
    }
}

static void unpack_24(const bmp *b, const unsigned char *row, unsigned char *rgb)
{
    for (int x = 0; x < b->width; x++, row += 3, rgb += 3) {
        for (int c = 0; c < 3; c++) rgb[c] = row[2 - c];
    }
}

static void unpack_fields(const bmp *b, const unsigned char *row, unsigned char *rgb)
{
    int step = b->bits / 8;
    for (int x = 0; x < b->width; x++, row += step, rgb += 3) {
        uint32_t pixel = step == 2 ? read_16(row) : read_32(row);
        for (int c = 0; c < 3; c++) {
            const field *f = &b->rgb[c];
            rgb[c] = (unsigned char)(((pixel & f->mask) >> f->shift) * 255 / f->most);
        }
    }
}

bool cd_bmp_decode(const cd_image_source *source, cd_pixels *out)
{
    bmp b = { .file = source };
    if (!read_header(&b) || !read_masks(&b) || !read_palette(&b)) return false;
    size_t used = ((size_t)b.width * (size_t)b.bits + 7) / 8, stride = (used + 3) & ~(size_t)3;
    /* The last row may come without its padding. */
    size_t needed = stride * (size_t)(b.height - 1) + used;
    if (b.offset > source->size || source->size - b.offset < needed) return truncated(&b, "pixels");
    cd_pixels read;
    if (!cd_pixels_new(b.width, b.height, 3, &read)) return false;
    for (int y = 0; y < b.height; y++) {
        int from = b.top_down ? y : b.height - 1 - y;
        const unsigned char *row = source->bytes + b.offset + (size_t)from * stride;
        unsigned char *rgb = read.data + (size_t)y * (size_t)b.width * 3;
        if (b.bits <= 8) {
            unpack_palette(&b, row, rgb);
        } else if (b.bits == 24) {
            unpack_24(&b, row, rgb);
        } else {
            unpack_fields(&b, row, rgb);
        }
    }
    *out = read;
    return true;
}
