/* Run-length-encoded bitmaps: image_bmp.c reads the headers, image_bmp_rle.c the runs. */
#ifndef CANDELA_IO_IMAGE_BMP_INTERNAL_H
#define CANDELA_IO_IMAGE_BMP_INTERNAL_H

#include "io/image_format_internal.h"

/* The run-length-encoded pixels of a file. */
typedef struct cd_bmp_runs {
    const unsigned char *data;
    size_t size;             /* of data, to the end of the file */
    bool four_bits;          /* RLE4, two pixels in a byte; false: RLE8 */
    bool top_down;           /* the first row in the file is the top one; false: the bottom one */
    const cd_color *palette; /* 256 colours */
} cd_bmp_runs;

/* Fills all pixels of `out`, which has the header's size. Pixels that the runs skip, and those
 * behind an early end-of-bitmap code, get colour 0. Returns how many pixels lie before the end: all
 * of them in a whole bitmap. *cut: the data end before the last pixel and without an end-of-bitmap
 * code. */
size_t cd_bmp_read_runs(const cd_bmp_runs *runs, cd_pixels *out, bool *cut);

#endif
