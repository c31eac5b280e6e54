/* Decoding JPEG, PNG and BMP files into pixels in memory.
 *
 * The first bytes of a file tell its format, never its name. The pixels are those of PIL's
 * Image.open(path).convert("RGB"), the loader of torchvision's ImageFolder:
 *   - grey, grey with alpha, palette and RGBA become RGB, and alpha is dropped, not blended;
 *   - a four-component JPEG (CMYK, YCCK) is read as inverted, as Adobe writes it;
 *   - of 16-bit RGB and 16-bit grey with alpha the high bytes are kept; 16-bit grey is clipped to
 *     255, as PIL does, so that nearly everything turns white (the logger gets a warning);
 *   - an empty row in a run-length-encoded bitmap is a row (PIL leaves it out);
 *   - EXIF orientation is reported and not applied;
 *   - damage that libjpeg can step over, and damage behind the last pixel of a PNG, leads to the
 *     same pixels as in PIL and a warning to the logger; missing pixels are CD_ERR_FORMAT.
 * Other formats are recognised, and the error names them. */
#ifndef CANDELA_IO_IMAGE_INTERNAL_H
#define CANDELA_IO_IMAGE_INTERNAL_H

#include "core/api.h"

typedef struct cd_pixels {
    int width, height;
    int channels;    /* 3: red, green, blue; 1: grey */
    int orientation; /* EXIF: 1 upright, 2 to 8 to be turned or mirrored; 0 without such a tag */
    int warnings;    /* how many damaged places were stepped over; 0 for a sound file */
    unsigned char *data; /* height x width x channels, rows without gaps; owned */
} cd_pixels;

/* The largest picture that is decoded, checked before memory is taken. PIL refuses a file with more
 * than CD_IMAGE_MAX_PIXELS as a decompression bomb. Decoded, so many pixels are 512 MiB, and
 * libjpeg needs up to 8 bytes more for each pixel of a progressive JPEG. (libjpeg itself stops at
 * 65500 pixels a side.) */
enum {
    CD_IMAGE_MAX_SIDE = 65535,
    CD_IMAGE_MAX_PIXELS = 178956970,
    CD_IMAGE_MAX_FILE_BYTES = 1 << 30,
    CD_IMAGE_MAX_SCANS = 200 /* of a progressive JPEG; encoders write about 10 */
};

/* Decodes the file at `path` as RGB; the caller frees *out with cd_pixels_free. False, with *out as
 * it was and a sentence that begins with the path: CD_ERR_IO; CD_ERR_FORMAT; CD_ERR_UNSUPPORTED for
 * a valid file in a form that is not read or past the limits above; CD_ERR_MEMORY. libjpeg's own
 * working memory is not counted by cd_memory_stats. */
bool cd_image_read(const char *path, cd_pixels *out);
/* The same for a file in memory; sentences begin with name_for_errors, or "image" if it is NULL. */
bool cd_image_decode(const void *bytes, size_t size, const char *name_for_errors, cd_pixels *out);

/* RGB to grey by PIL's formula, (19595 R + 38470 G + 7471 B + 2^15) / 2^16; a grey picture is
 * copied. The caller frees *out. False with CD_ERR_MEMORY. */
bool cd_pixels_to_grey(const cd_pixels *in, cd_pixels *out);

/* Frees the data and zeroes the struct. A zeroed struct and NULL are allowed. */
void cd_pixels_free(cd_pixels *pixels);

#endif
