/* Images in memory, and how they get there from JPEG, PNG and BMP files.
 *
 * What the bytes are is found out from the bytes, never from the name. Pixels are those of PIL's
 * Image.open(path).convert("RGB"), the loader of torchvision's ImageFolder:
 *   - grey, grey with alpha, palette and RGBA become RGB, and alpha is dropped, not blended;
 *   - a four-component JPEG (CMYK, YCCK) is taken as inverted, as Adobe writes it;
 *   - 16-bit RGB and grey with alpha keep the high byte; 16-bit grey is clipped to 255 (PIL does
 * so, and nearly everything turns white: the logger gets a warning);
 *   - a bitmap's empty rows in run lengths are rows, which PIL leaves out;
 *   - EXIF orientation is reported and not applied;
 *   - damage that libjpeg can step over, and damage behind the last pixel of a PNG, gives the same
 *     pixels and a warning to the logger; pixels that are missing are CD_ERR_FORMAT.
 * Other formats are recognised and named in the sentence that refuses them. */
#ifndef CANDELA_IO_IMAGE_INTERNAL_H
#define CANDELA_IO_IMAGE_INTERNAL_H

#include "core/api.h"

typedef struct cd_pixels {
    int width, height;
    int channels;    /* 3: red, green, blue; 1: grey */
    int orientation; /* EXIF, 1 to 8; 0 without such a tag. 2 to 8 ask to be turned or mirrored */
    int warnings;    /* damage that was stepped over; 0 for a sound file */
    unsigned char *data; /* height x width x channels, rows without gaps; owned */
} cd_pixels;

/* The largest picture that is decoded, checked before memory is taken. Above so many pixels PIL
 * refuses a file as a decompression bomb; decoded they are 512 MiB, and libjpeg needs up to 8 bytes
 * more for each of a progressive JPEG. (libjpeg itself stops at 65500 a side.) */
enum {
    CD_IMAGE_MAX_SIDE = 65535,
    CD_IMAGE_MAX_PIXELS = 178956970,
    CD_IMAGE_MAX_FILE_BYTES = 1 << 30,
    CD_IMAGE_MAX_SCANS = 200 /* of a progressive JPEG; encoders write about 10 */
};

/* Both: RGB in *out, to be given back with cd_pixels_free. On failure *out is as it was, and the
 * sentence begins with the name. Codes: CD_ERR_IO, _FORMAT, _UNSUPPORTED (a valid file of a kind
 * that is not read, or past the limits above), _MEMORY. libjpeg's own working memory is not counted
 * by cd_memory_stats. */
bool cd_image_read(const char *path, cd_pixels *out);
bool cd_image_decode(const void *bytes, size_t size, const char *name_for_errors, cd_pixels *out);

/* RGB to grey by PIL's formula, (19595 R + 38470 G + 7471 B + 2^15) / 2^16; one channel is copied.
 */
bool cd_pixels_to_grey(const cd_pixels *in, cd_pixels *out);

/* Gives the memory back and zeroes the struct. A zeroed struct is allowed. */
void cd_pixels_free(cd_pixels *pixels);

#endif
