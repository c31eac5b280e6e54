/* Bilinear resizing, equal to PIL's Image.resize(size, Image.BILINEAR) bit for bit.
 *
 * The filter is a triangle whose support grows with the scale when shrinking (antialiasing). The
 * horizontal pass comes first and rounds to 8 bits, then the vertical one; weights are fixed point
 * with 22 fractional bits. Pillow 12 and earlier do just that; Pillow 13 takes the vertical pass
 * first where the height shrinks much more than the width, and may differ by a level there. */
#ifndef CANDELA_IO_RESIZE_INTERNAL_H
#define CANDELA_IO_RESIZE_INTERNAL_H

#include "core/api.h"

/* The part of the resized image that is wanted, within width x height. */
typedef struct cd_window {
    int x, y, width, height;
} cd_window;

/* in: in_width x in_height pixels of 1 to 4 interleaved bytes. The image is resized to width x
 * height, of which `window` (NULL for all) is computed and written to out, rows without gaps: the
 * pixels are those of a resize followed by a crop, at less work. Sides are 1 to 2^23.
 * CD_ERR_ARGUMENT or CD_ERR_MEMORY on failure. Runs on the thread pool; results do not depend on
 * the number of threads. */
bool cd_resize_bilinear(const unsigned char *in, int in_width, int in_height, int channels,
                        int width, int height, const cd_window *window, unsigned char *out);

/* The size that torchvision's Resize(shorter) gives: the shorter side becomes `shorter`, the longer
 * one int(shorter * long / short), truncated and not rounded, at least 1. */
void cd_resize_shorter_side(int in_width, int in_height, int shorter, int *width, int *height);

/* Where a crop of `crop` out of `size` begins, as torchvision's CenterCrop has it: (size - crop) /
 * 2 rounded half to even, so that 117 / 2 is 58 and 119 / 2 is 60. With size < crop the picture is
 * first padded with zeros to `crop`, (crop - size) / 2 (rounded down) of them before it, and the
 * result is minus that number. */
int cd_center_crop_offset(int size, int crop);

#endif
