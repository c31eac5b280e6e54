/* What the reader of bitmaps shares with its decoder of run lengths. */
#ifndef CANDELA_IO_IMAGE_BMP_INTERNAL_H
#define CANDELA_IO_IMAGE_BMP_INTERNAL_H

#include "io/image_format_internal.h"

/* Runs of pixels, each a colour of the palette. */
typedef struct cd_bmp_runs {
    const unsigned char *data; /* in the file, `size` bytes to its end */
    size_t size;
    bool four_bits; /* RLE4, two pixels in a byte; otherwise RLE8 */
    bool top_down;
    const cd_color *palette; /* 256 */
} cd_bmp_runs;

/* Fills all of `out`, whose size is the header's: pixels that the runs skip, or do not reach before
 * they say that the bitmap ends, get colour 0. Returns how many pixels lie before that end, all of
 * them for a whole bitmap. *cut becomes true if the data end without saying so and pixels are
 * missing. */
size_t cd_bmp_read_runs(const cd_bmp_runs *runs, cd_pixels *out, bool *cut);

#endif
