/* The pixels of a PNG (PNG specification, 7 to 10).
 *
 * The data of consecutive IDAT chunks are one zlib stream: rows from the top down, each a byte that
 * names its filter and the filtered bytes, and then the Adler-32 of all of that. An interlaced
 * picture is seven smaller pictures in one stream.
 *
 * If all rows are there and the Adler-32 is right, the pixels are right, whatever the CRCs of the
 * chunks say. If the stream breaks off after the last row, or goes on there, the pixels are taken,
 * as in PIL, unless a CRC is wrong: then nothing vouches for them. */
#include "io/image_png_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/zlib_memory_internal.h"

/* Zeros before each row, for filters that look up to 8 bytes to the left. */
enum { MARGIN = 8 };

typedef struct reader {
    cd_png *png;
    z_stream z;
    size_t next_at;              /* the offset of the chunk behind the current one */
    size_t broken_at;            /* that of the first IDAT chunk with a wrong CRC; 0: none */
    uint32_t row;                /* the row of the picture that is being read, from 0 */
    bool bad;                    /* zlib has met damage */
    bool ended;                  /* the end of the stream was read, and its Adler-32 is right */
    unsigned char *line, *above; /* two rows of a pass, each behind MARGIN zeros */
} reader;

/* --- the stream ------------------------------------------------------------------------------- */

/* Gives zlib the data of the next IDAT chunk. False, without an error, when none follows. */
static bool feed(reader *r)
{
    const cd_image_source *file = r->png->file;
    cd_png_chunk chunk;
    if (!cd_png_chunk_at(file, r->next_at, &chunk) || !cd_png_is(&chunk, "IDAT")) return false;
    if (!chunk.cut && !cd_png_crc_matches(&chunk) && r->broken_at == 0) r->broken_at = chunk.at;
    r->next_at = cd_png_behind(file, &chunk);
    r->z.next_in = chunk.type + 4;
    r->z.avail_in = (uInt)chunk.length;
    return true;
}

static bool wrong_crc(const reader *r)
{
    return cd_fail(CD_ERR_FORMAT, "%s: PNG: the IDAT chunk at byte %zu does not match its CRC",
                   r->png->file->name, r->broken_at);
}

/* An error in the row that is being read. If a CRC was wrong, that is said instead. */
static bool damaged(const reader *r, const char *what)
{
    if (r->broken_at != 0) return wrong_crc(r);
    return cd_fail(CD_ERR_FORMAT, "%s: PNG: row %u of %u%s: %s", r->png->file->name, r->row + 1,
                   r->png->height, r->png->interlaced ? " (interlaced)" : "", what);
}

/* The error of rows that no IDAT chunk is left for. */
static bool out_of_data(const reader *r)
{
    const cd_image_source *file = r->png->file;
    cd_png_chunk next;
    if (!cd_png_chunk_at(file, r->next_at, &next)) {
        bool more = file->size > r->next_at && file->size - r->next_at >= 8;
        return damaged(r, more ? "the image data end here, and what follows them is no chunk"
                               : "the image file is truncated here");
    }
    if (r->broken_at != 0) return wrong_crc(r);
    return cd_fail(CD_ERR_FORMAT,
                   "%s: PNG: the image data end in row %u of %u, where chunk %.4s follows at byte "
                   "%zu: IDAT chunks are missing or do not stand together",
                   file->name, r->row + 1, r->png->height, (const char *)next.type, next.at);
}

/* Calls zlib once. False only without memory; damage is noted in `bad`. */
static bool step(reader *r)
{
    int result = inflate(&r->z, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) {
        return cd_fail(CD_ERR_MEMORY, "%s: PNG: out of memory", r->png->file->name);
    }
    r->ended = result == Z_STREAM_END;
    /* Z_BUF_ERROR: no progress, for lack of input or room. */
    r->bad = !r->ended && result != Z_OK && result != Z_BUF_ERROR;
    return true;
}

/* Inflates the next `size` bytes. Damage behind them is reported by the next call. */
static bool inflate_bytes(reader *r, unsigned char *to, size_t size)
{
    r->z.next_out = to;
    r->z.avail_out = (uInt)size;
    while (r->z.avail_out > 0) {
        if (r->bad) return damaged(r, "the compressed image data are damaged");
        if (r->ended) return damaged(r, "the image data end too early");
        if (r->z.avail_in == 0 && !feed(r)) return out_of_data(r);
        if (!step(r)) return false;
    }
    return true;
}

/* Reads the end of the stream, behind the last row. Without room for output zlib goes on to the end
 * and compares the Adler-32, or stops where the stream has another byte of rows. */
static bool read_end(reader *r)
{
    unsigned char none;
    r->z.next_out = &none;
    r->z.avail_out = 0;
    while (!r->ended && !r->bad) {
        if (r->z.avail_in == 0 && !feed(r)) {
            cd_png_warn(r->png, "the image data break off behind the last row");
            return true;
        }
        if (!step(r)) return false;
        if (r->ended || r->bad || r->z.avail_in == 0) continue;
        cd_png_warn(r->png,
                    "the image data go on behind the last row; what is too much is left out");
        return true;
    }
    if (r->ended) return true;
    if (r->broken_at != 0) return wrong_crc(r);
    return cd_fail(CD_ERR_FORMAT,
                   "%s: PNG: damaged: the pixels do not match their checksum (Adler-32)",
                   r->png->file->name);
}

/* A wrong CRC of an IDAT chunk is an error, or a warning if the Adler-32 vouches for the pixels. */
static bool check_crcs(const reader *r)
{
    if (r->broken_at == 0) return true;
    if (!r->ended) return wrong_crc(r);
    cd_png_warn(r->png,
                "the CRC of the IDAT chunk at byte %zu is wrong, but the pixels match their own "
                "checksum",
                r->broken_at);
    return true;
}

/* --- filters ---------------------------------------------------------------------------------- */

/* The one of left, above and corner (above left) that is nearest to left + above - corner; ties go
 * to the first of them. */
static unsigned char paeth(int left, int above, int corner)
{
    int to_left = above - corner, to_above = left - corner, to_corner = to_left + to_above;
    if (to_left < 0) to_left = -to_left;
    if (to_above < 0) to_above = -to_above;
    if (to_corner < 0) to_corner = -to_corner;
    if (to_left <= to_above && to_left <= to_corner) return (unsigned char)left;
    return (unsigned char)(to_above <= to_corner ? above : corner);
}

/* Undoes the filter of a row in place: 0 none, 1 sub, 2 up, 3 average, 4 Paeth. `pixel` is the
 * distance in bytes to the same sample of the pixel on the left, at least 1. False for another
 * filter. */
static bool unfilter(int filter, unsigned char *line, const unsigned char *above, size_t bytes,
                     size_t pixel)
{
    const unsigned char *left = line - pixel, *corner = above - pixel;
    switch (filter) {
    case 0:
        return true;
    case 1:
        for (size_t i = 0; i < bytes; i++) line[i] = (unsigned char)(line[i] + left[i]);
        return true;
    case 2:
        for (size_t i = 0; i < bytes; i++) line[i] = (unsigned char)(line[i] + above[i]);
        return true;
    case 3:
        for (size_t i = 0; i < bytes; i++) {
            line[i] = (unsigned char)(line[i] + (left[i] + above[i]) / 2);
        }
        return true;
    case 4:
        for (size_t i = 0; i < bytes; i++) {
            line[i] = (unsigned char)(line[i] + paeth(left[i], above[i], corner[i]));
        }
        return true;
    default:
        return false;
    }
}

/* --- samples to RGB --------------------------------------------------------------------------- */

/* RGB, RGBA, and grey with alpha. Of 16-bit samples the high byte is taken; alpha is dropped. */
static void direct_row(const cd_png *p, const unsigned char *line, size_t count, unsigned char *rgb,
                       size_t step)
{
    size_t bytes = (size_t)p->depth / 8, pixel = cd_png_row_bytes(p, 1);
    bool grey = p->color == CD_PNG_GREY_ALPHA;
    for (size_t i = 0; i < count; i++, line += pixel, rgb += step) {
        rgb[0] = line[0];
        rgb[1] = line[grey ? 0 : bytes];
        rgb[2] = line[grey ? 0 : 2 * bytes];
    }
}

/* 16-bit grey as PIL has it: samples above 255 become 255. Returns whether there were any. */
static bool wide_grey_row(const unsigned char *line, size_t count, unsigned char *rgb, size_t step)
{
    bool clipped = false;
    for (size_t i = 0; i < count; i++, line += 2, rgb += step) {
        clipped |= line[0] > 0;
        memset(rgb, line[0] > 0 ? 255 : line[1], 3);
    }
    return clipped;
}

/* Grey of up to 8 bits is decoded with a palette of evenly spaced greys. */
static void fill_grey_palette(cd_png *p)
{
    int most = (1 << p->depth) - 1;
    for (int i = 0; i <= most; i++) memset(p->palette[i].rgb, i * 255 / most, 3);
}

/* --- passes ----------------------------------------------------------------------------------- */

/* The pixels of one of the pictures in the stream: column x, x + dx, ... of row y, y + dy, ... */
typedef struct pass {
    uint32_t x, y, dx, dy;
} pass;

static const pass whole = { 0, 0, 1, 1 }; /* without interlacing */
static const pass adam7[7] = { { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 }, { 2, 0, 4, 4 },
                               { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 } };

static bool read_pass(reader *r, const pass *s, cd_pixels *out)
{
    cd_png *p = r->png;
    if (p->width <= s->x || p->height <= s->y) return true;
    uint32_t width = (p->width - s->x + s->dx - 1) / s->dx;
    size_t bytes = cd_png_row_bytes(p, width), pixel = cd_png_row_bytes(p, 1), step = 3 * s->dx;
    memset(r->above, 0, bytes);
    for (uint32_t y = s->y; y < p->height; y += s->dy) {
        r->row = y;
        unsigned char *line = r->line, *filter = line - 1;
        if (!inflate_bytes(r, filter, bytes + 1)) return false;
        int type = *filter;
        *filter = 0; /* the last byte of the margin */
        if (!unfilter(type, line, r->above, bytes, pixel)) {
            return damaged(r, "the row names a filter that does not exist");
        }
        unsigned char *rgb = out->data + ((size_t)y * p->width + s->x) * 3;
        if (p->color == CD_PNG_PALETTE || (p->color == CD_PNG_GREY && p->depth <= 8)) {
            cd_pixels_from_indices(p->palette, p->depth, line, width, rgb, step);
        } else if (p->color == CD_PNG_GREY) {
            p->clipped |= wide_grey_row(line, width, rgb, step);
        } else {
            direct_row(p, line, width, rgb, step);
        }
        r->line = r->above;
        r->above = line;
    }
    return true;
}

static bool read_passes(reader *r, cd_pixels *out)
{
    const pass *passes = r->png->interlaced ? adam7 : &whole;
    int count = r->png->interlaced ? 7 : 1;
    for (int i = 0; i < count; i++) {
        if (!read_pass(r, &passes[i], out)) return false;
    }
    return read_end(r) && check_crcs(r);
}

bool cd_png_read_rows(cd_png *p, cd_pixels *out)
{
    size_t row = MARGIN + cd_png_row_bytes(p, p->width);
    unsigned char *rows = cd_alloc_zeroed(2, row);
    if (!rows) return false;
    reader r = { .png = p,
                 .next_at = p->data_at,
                 .line = rows + MARGIN,
                 .above = rows + row + MARGIN,
                 .z = { .zalloc = cd_zlib_alloc, .zfree = cd_zlib_free } };
    if (p->color == CD_PNG_GREY && p->depth <= 8) fill_grey_palette(p);
    bool done = inflateInit(&r.z) == Z_OK;
    if (!done) {
        cd_fail(CD_ERR_MEMORY, "%s: PNG: out of memory", p->file->name);
    } else {
        done = read_passes(&r, out);
        (void)inflateEnd(&r.z);
    }
    cd_free(rows);
    return done;
}
