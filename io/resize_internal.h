/* Bilinear resizing, equal to PIL's Image.resize(size, Image.BILINEAR) bit for bit.
 *
 * The filter is a triangle. When a picture shrinks, the triangle is widened by the scale, which is
 * the antialiasing. A horizontal pass comes first and rounds to 8 bits, then a vertical one.
 * Weights are fixed point with 22 fractional bits. Pillow up to 12 does the same; Pillow 13 takes
 * the vertical pass first when the height shrinks much more than the width, and may then differ by
 * one level. */
#ifndef CANDELA_IO_RESIZE_INTERNAL_H
#define CANDELA_IO_RESIZE_INTERNAL_H

#include "core/api.h"

/* A rectangle of the resized image, in its pixels. */
typedef struct cd_window {
    int x, y, width, height;
} cd_window;

/* Resizes `in`, in_width x in_height pixels of 1 to 4 interleaved bytes, to width x height, and
 * writes the pixels of `window` (NULL: all of them) to `out`, rows without gaps. They are the
 * pixels of a resize followed by a crop, but only those are computed. Sides are 1 to 2^30. False
 * with CD_ERR_ARGUMENT or CD_ERR_MEMORY. Runs on the thread pool; results do not depend on the
 * number of threads. */
bool cd_resize_bilinear(const unsigned char *in, int in_width, int in_height, int channels,
                        int width, int height, const cd_window *window, unsigned char *out);

/* The size that torchvision's Resize(shorter) gives: the shorter side becomes `shorter`, the longer
 * side shorter * long / short, truncated, not rounded. A longer side above INT32_MAX becomes
 * INT32_MAX. */
void cd_resize_shorter_side(int in_width, int in_height, int shorter, int *width, int *height);

/* Where torchvision's CenterCrop begins to take `crop` pixels out of `size`: at (size - crop) / 2,
 * rounded half to even, so that 117 / 2 is 58 and 119 / 2 is 60. When size < crop, the picture is
 * padded with zeros, (crop - size) / 2 of them, rounded down, before it: the result is minus that
 * number. */
int cd_center_crop_offset(int size, int crop);

#endif
