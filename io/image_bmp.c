/* The decoder of Windows and OS/2 bitmaps.
 *
 * A file has a file header of 14 bytes; an information header that begins with its own size; colour
 * masks; a palette; and rows from the bottom up (from the top down when the height is negative),
 * each padded to 4 bytes. Pixels have 1, 2, 4 or 8 bits with a palette, also run-length encoded for
 * 4 and 8; 16 or 32 bits with a field for each colour, 5-5-5 and 8-8-8 unless masks are given; or
 * 24 bits. Numbers are little-endian. Alpha is dropped. */
#include "io/image_bmp_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"

enum {
    FILE_HEADER = 14,
    CORE_HEADER = 12,
    INFO_HEADER = 40,
    MASKS_IN_HEADER = 52, /* the smallest header that includes the colour masks */
    OS2_HEADER = 64
};
/* Values of the header's compression field. */
enum { PLAIN = 0, RLE8 = 1, RLE4 = 2, BITFIELDS = 3 };

/* One colour's bits in a pixel. */
typedef struct field {
    uint32_t mask;
    uint32_t most; /* the largest value, mask >> shift */
    int shift;
} field;

typedef struct bmp {
    const cd_image_source *file;
    uint32_t header_bytes; /* of the information header */
    uint32_t offset;       /* of the pixels in the file */
    uint32_t colors;       /* in the palette; 0: as many as the bits allow */
    int width, height, bits;
    bool top_down;
    uint32_t compression;
    field rgb[3];
    cd_color palette[256]; /* colours that the file does not give are black, as in PIL */
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

/* Compressions 3 and 4 mean something else in an OS/2 header. */
static bool check_compression(const bmp *b)
{
    static const char *const windows[] = {
        [4] = "a JPEG image in a bitmap",       [5] = "a PNG image in a bitmap",
        [6] = "fields with alpha (Windows CE)", [11] = "CMYK",
        [12] = "CMYK in runs of 8 bits",        [13] = "CMYK in runs of 4 bits"
    };
    static const char *const os2[] = { [3] = "Huffman 1D (OS/2)", [4] = "runs of 24 bits (OS/2)" };
    bool of_os2 = b->header_bytes == OS2_HEADER;
    uint32_t number = b->compression;
    if (number <= RLE4 || (number == BITFIELDS && !of_os2)) return true;
    const char *name = NULL;
    if (of_os2 && number < sizeof os2 / sizeof *os2) name = os2[number];
    if (!of_os2 && number < sizeof windows / sizeof *windows) name = windows[number];
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: BMP: compression %u, %s, is not read; save the picture as JPEG or PNG",
                   b->file->name, number, name ? name : "which does not exist");
}

static bool check_bits(const bmp *b)
{
    static const struct {
        int bits[8]; /* per pixel, to the first 0 */
        const char *allowed;
    } compressions[] = { [PLAIN] = { { 1, 2, 4, 8, 16, 24, 32 },
                                     "1, 2, 4, 8, 16, 24 and 32 are read" },
                         [RLE8] = { { 8 }, "compression RLE8 needs 8" },
                         [RLE4] = { { 4 }, "compression RLE4 needs 4" },
                         [BITFIELDS] = { { 16, 24, 32 }, "colour masks need 16, 24 or 32" } };
    const int *bits = compressions[b->compression].bits;
    while (*bits != 0 && *bits != b->bits) bits++;
    if (*bits != 0) return true;
    return cd_fail(CD_ERR_UNSUPPORTED, "%s: BMP: %d bits per pixel; %s", b->file->name, b->bits,
                   compressions[b->compression].allowed);
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
    return check_compression(b) && check_bits(b);
}

/* Sets a field from its mask, which must be a run of 1 to 8 bits. */
static bool set_field(const bmp *b, field *f, uint32_t mask)
{
    f->mask = mask;
    f->shift = mask ? __builtin_ctz(mask) : 0;
    f->most = mask >> f->shift;
    if (mask && (f->most & (f->most + 1)) == 0 && f->most <= 255) return true;
    return cd_fail(CD_ERR_UNSUPPORTED, "%s: BMP: the colour mask %08x is not a run of 1 to 8 bits",
                   b->file->name, mask);
}

/* Colour masks: those of the file, or the usual ones. PIL uses the usual ones too where the three
 * masks of a 32-bit bitmap are 0. */
static bool read_masks(bmp *b)
{
    if (b->bits <= 8) return true;
    static const uint32_t usual[2][3] = { { 0x7c00, 0x3e0, 0x1f }, { 0xff0000, 0xff00, 0xff } };
    uint32_t masks[3], all = 0;
    memcpy(masks, usual[b->bits > 16], sizeof masks);
    if (b->compression == BITFIELDS) {
        const unsigned char *given = b->file->bytes + FILE_HEADER + INFO_HEADER;
        if (b->file->size < FILE_HEADER + MASKS_IN_HEADER) return truncated(b, "colour masks");
        for (int i = 0; i < 3; i++) all |= read_32(given + 4 * i);
        for (int i = 0; i < 3 && (all != 0 || b->bits != 32); i++)
            masks[i] = read_32(given + 4 * i);
    }
    for (int i = 0; i < 3; i++) {
        if (!set_field(b, &b->rgb[i], masks[i])) return false;
    }
    return true;
}

/* Reads the palette. As in PIL, an offset of 0, and one that points at the palette, mean that the
 * pixels follow right behind the palette. */
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
        for (int c = 0; c < 3; c++) b->palette[i].rgb[c] = bgr[2 - c];
    }
    return true;
}

/* --- rows: from the file's to RGB ------------------------------------------------------------- */

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
        uint32_t pixel = read_16(row);
        if (step > 2) pixel |= (uint32_t)row[2] << 16;
        if (step > 3) pixel |= (uint32_t)row[3] << 24;
        for (int c = 0; c < 3; c++) {
            const field *f = &b->rgb[c];
            rgb[c] = (unsigned char)(((pixel & f->mask) >> f->shift) * 255 / f->most);
        }
    }
}

/* Bytes of a row without its padding. */
static size_t row_used(const bmp *b)
{
    return ((size_t)b->width * (size_t)b->bits + 7) / 8;
}

/* Bytes from one row to the next. */
static size_t row_stride(const bmp *b)
{
    return (row_used(b) + 3) & ~(size_t)3;
}

static bool read_rows(const bmp *b, cd_pixels *out)
{
    size_t stride = row_stride(b);
    for (int y = 0; y < b->height; y++) {
        int from = b->top_down ? y : b->height - 1 - y;
        const unsigned char *row = b->file->bytes + b->offset + (size_t)from * stride;
        unsigned char *rgb = out->data + (size_t)y * (size_t)b->width * 3;
        if (b->bits <= 8) {
            cd_pixels_from_indices(b->palette, b->bits, row, (size_t)b->width, rgb, 3);
        } else if (b->bits == 24 && b->compression == PLAIN) {
            unpack_24(b, row, rgb);
        } else {
            unpack_fields(b, row, rgb);
        }
    }
    return true;
}

static bool read_runs(const bmp *b, cd_pixels *out)
{
    cd_bmp_runs runs = { .data = b->file->bytes + b->offset,
                         .size = b->file->size - b->offset,
                         .four_bits = b->compression == RLE4,
                         .top_down = b->top_down,
                         .palette = b->palette };
    bool cut;
    size_t all = (size_t)b->width * (size_t)b->height, given = cd_bmp_read_runs(&runs, out, &cut);
    if (cut) return truncated(b, "pixels");
    if (given < all) {
        out->warnings = 1;
        cd_log_line(
            CD_LOG_WARNING,
            "%s: BMP: the bitmap says that it ends after %zu of %zu pixels; the others have "
            "its colour 0",
            b->file->name, given, all);
    }
    return true;
}

bool cd_bmp_decode(const cd_image_source *source, cd_pixels *out)
{
    bmp b = { .file = source };
    if (!read_header(&b) || !read_masks(&b) || !read_palette(&b)) return false;
    bool runs = b.compression == RLE8 || b.compression == RLE4;
    /* The last row may lack its padding. */
    size_t needed = runs ? 2 : row_stride(&b) * (size_t)(b.height - 1) + row_used(&b);
    if (b.offset > source->size || source->size - b.offset < needed) return truncated(&b, "pixels");
    cd_pixels pixels;
    if (!cd_pixels_new(b.width, b.height, 3, &pixels)) return false;
    if (!(runs ? read_runs(&b, &pixels) : read_rows(&b, &pixels))) {
        cd_pixels_free(&pixels);
        return false;
    }
    *out = pixels;
    return true;
}
