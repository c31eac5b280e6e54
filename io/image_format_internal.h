/* What image.c and the readers of single formats share. */
#ifndef CANDELA_IO_IMAGE_FORMAT_INTERNAL_H
#define CANDELA_IO_IMAGE_FORMAT_INTERNAL_H

#include "io/image_internal.h"

/* A file in memory and what to call it in sentences. */
typedef struct cd_image_source {
    const unsigned char *bytes;
    size_t size;
    const char *name;
} cd_image_source;

typedef struct cd_color {
    unsigned char rgb[3];
} cd_color;

/* Each reads a file whose first bytes are of its format. On failure *out is as it was. */
bool cd_jpeg_decode(const cd_image_source *source, cd_pixels *out);
bool cd_png_decode(const cd_image_source *source, cd_pixels *out);
bool cd_bmp_decode(const cd_image_source *source, cd_pixels *out);

/* Says what a file is that none of them reads, and what to do about it. Returns false. */
bool cd_image_refuse(const cd_image_source *source);

/* Holds a size that a file declares against the limits; a side of 0 is CD_ERR_FORMAT. */
bool cd_image_size_allowed(const cd_image_source *source, const char *format, uint64_t width,
                           uint64_t height);
/* Memory for pixels of a size that was allowed; the other fields are zero. */
bool cd_pixels_new(int width, int height, int channels, cd_pixels *out);

/* RGB of `count` pixels that are given by indices of 1, 2, 4 or 8 bits, the leftmost pixel in the
 * high bits of the first byte. `step` is the distance in bytes between two pixels of `rgb`. */
void cd_pixels_from_indices(const cd_color *palette, int bits, const unsigned char *packed,
                            size_t count, unsigned char *rgb, size_t step);

/* The orientation tag (1 to 8) of an EXIF block, which starts with its TIFF header; 0 if there is
 * none or the block is damaged. */
int cd_exif_orientation(const unsigned char *tiff, size_t size);

#endif
