/* The decoder of RLE8 and RLE4 bitmaps (Microsoft, "Bitmap Compression"). The data are pairs of
 * bytes:
 *
 *     n c        n > 0: n pixels of colour c; in RLE4 the high and low 4 bits of c by turns
 *     0 0        end of the row
 *     0 1        end of the bitmap
 *     0 2 x y    go on x pixels to the right and y rows further
 *     0 n ...    n > 2: n single pixels, a byte each in RLE8, half a byte in RLE4; then a byte of
 *                padding if their bytes are odd in number
 *
 * The format leaves open what becomes of pixels past the end of a row. As in PIL, a run of one
 * colour is cut off there, and single pixels go on in the next row. */
#include <string.h>

#include "io/image_bmp_internal.h"

/* ENDED: an end-of-bitmap code was read. CUT: the data end before the bitmap does. */
typedef enum progress { MORE, ENDED, CUT } progress;

/* The decoder's state. */
typedef struct machine {
    const cd_bmp_runs *runs;
    size_t next;   /* position in the data, in bytes */
    size_t width;  /* of a row, in pixels */
    size_t total;  /* pixels of the bitmap */
    size_t at;     /* the number of the next pixel, rows counted in the file's order */
    size_t x;      /* its column as the runs count it: past the width after too long a run */
    bool row_full; /* the last pixel written or skipped was the last of its row */
    unsigned char *rgb;
} machine;

/* Writes the next pixel. */
static void put(machine *m, unsigned color)
{
    size_t y = m->at / m->width, x = m->at % m->width;
    if (!m->runs->top_down) y = m->total / m->width - 1 - y;
    memcpy(m->rgb + (y * m->width + x) * 3, m->runs->palette[color].rgb, 3);
    m->at++;
    m->row_full = x + 1 == m->width;
}

/* The colour of pixel i in RLE4, from the byte that has it. */
static unsigned half(unsigned byte, size_t i)
{
    return i % 2 == 0 ? byte >> 4 : byte & 15;
}

/* A run of `count` pixels of one colour. */
static void one_color(machine *m, size_t count, unsigned byte)
{
    size_t room = m->x < m->width ? m->width - m->x : 0;
    if (count > room) count = room;
    for (size_t i = 0; i < count; i++) put(m, m->runs->four_bits ? half(byte, i) : byte);
    m->x += count;
}

/* `count` pixels that are given one by one. */
static progress single_pixels(machine *m, size_t count)
{
    const cd_bmp_runs *runs = m->runs;
    size_t bytes = runs->four_bits ? (count + 1) / 2 : count, left = runs->size - m->next;
    bool cut = left < bytes;
    if (cut) count = runs->four_bits ? 2 * left : left;
    const unsigned char *data = runs->data + m->next;
    for (size_t i = 0; i < count && m->at < m->total; i++) {
        put(m, runs->four_bits ? half(data[i / 2], i) : data[i]);
    }
    m->x += count;
    if (cut) return CUT;
    m->next += bytes;
    if (bytes % 2 != 0 && m->next < runs->size) m->next++;
    return MORE;
}

/* Goes to the start of the next row. After a full row `at` is there already. */
static void end_row(machine *m)
{
    if (!m->row_full) m->at = (m->at / m->width + 1) * m->width;
    m->row_full = false;
    m->x = 0;
}

static void move(machine *m, size_t right, size_t rows)
{
    m->at += right + rows * m->width;
    if (m->at > m->total) m->at = m->total;
    m->x = m->at % m->width;
    if (right > 0) m->row_full = m->x == 0; /* with right = 0 it stays as it was */
}

/* Carries out one pair of bytes. */
static progress step(machine *m)
{
    const cd_bmp_runs *runs = m->runs;
    const unsigned char *pair = runs->data + m->next;
    if (runs->size - m->next < 2) return CUT;
    m->next += 2;
    if (pair[0] > 0) {
        one_color(m, pair[0], pair[1]);
    } else if (pair[1] == 0) {
        end_row(m);
    } else if (pair[1] == 1) {
        return ENDED;
    } else if (pair[1] == 2) {
        if (runs->size - m->next < 2) return CUT;
        m->next += 2;
        move(m, pair[2], pair[3]);
    } else {
        return single_pixels(m, pair[1]);
    }
    return MORE;
}

/* Writes `count` pixels of one colour, by copying those that are written already, twice as many
 * each time. */
static void fill(unsigned char *rgb, size_t count, const cd_color *color)
{
    memcpy(rgb, color->rgb, 3);
    for (size_t done = 1, more; done < count; done += more) {
        more = done < count - done ? done : count - done;
        memcpy(rgb + 3 * done, rgb, 3 * more);
    }
}

size_t cd_bmp_read_runs(const cd_bmp_runs *runs, cd_pixels *out, bool *cut)
{
    machine m = { .runs = runs,
                  .width = (size_t)out->width,
                  .total = (size_t)out->width * (size_t)out->height,
                  .rgb = out->data };
    fill(m.rgb, m.total, &runs->palette[0]);
    progress p = MORE;
    while (m.at < m.total && p == MORE) p = step(&m);
    *cut = m.at < m.total && p == CUT;
    return m.at;
}
