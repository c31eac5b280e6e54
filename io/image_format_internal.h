/* What image.c shares with the decoders of the formats: image_jpeg.c, image_png.c, image_bmp.c. */
#ifndef CANDELA_IO_IMAGE_FORMAT_INTERNAL_H
#define CANDELA_IO_IMAGE_FORMAT_INTERNAL_H

#include "io/image_internal.h"

/* A file in memory, and its name for sentences. */
typedef struct cd_image_source {
    const unsigned char *bytes;
    size_t size;
    const char *name;
} cd_image_source;

typedef struct cd_color {
    unsigned char rgb[3];
} cd_color;

/* The three decoders. Each is called with a file that begins with its format's signature, and does
 * what cd_image_decode says. */
bool cd_jpeg_decode(const cd_image_source *source, cd_pixels *out);
bool cd_png_decode(const cd_image_source *source, cd_pixels *out);
bool cd_bmp_decode(const cd_image_source *source, cd_pixels *out);

/* Sets the error of a file that no decoder reads: which format it has, and what to do about it.
 * Returns false. */
bool cd_image_refuse(const cd_image_source *source);

/* Whether a size that a file's header declares is within the limits. False with CD_ERR_UNSUPPORTED,
 * or CD_ERR_FORMAT for a side of 0. `format` is "PNG", for the sentence. */
bool cd_image_size_allowed(const cd_image_source *source, const char *format, uint64_t width,
                           uint64_t height);
/* A struct with memory for pixels of this size, which must be an allowed one; the pixels are not
 * set, orientation and warnings are 0. False with CD_ERR_MEMORY. */
bool cd_pixels_new(int width, int height, int channels, cd_pixels *out);

/* Looks up `count` pixels in a palette. `packed` has their indices of 1, 2, 4 or 8 bits, the first
 * pixel in the high bits of the first byte. `step` is the distance in bytes between two pixels in
 * `rgb`. */
void cd_pixels_from_indices(const cd_color *palette, int bits, const unsigned char *packed,
                            size_t count, unsigned char *rgb, size_t step);

/* The orientation tag, 1 to 8, of an EXIF block that begins with its TIFF header; 0 without such a
 * tag and in a damaged block. */
int cd_exif_orientation(const unsigned char *tiff, size_t size);

#endif
