/* Decoding a picture file: the format is found by its signature. Also the pixels that the decoders
 * fill in. */
#include "io/image_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/bytes_internal.h"
#include "io/image_format_internal.h"

/* --- pixels ----------------------------------------------------------------------------------- */

bool cd_image_size_allowed(const cd_image_source *source, const char *format, uint64_t width,
                           uint64_t height)
{
    if (width == 0 || height == 0) {
        return cd_fail(CD_ERR_FORMAT, "%s: the %s header says %llu x %llu pixels; no side may be 0",
                       source->name, format, (unsigned long long)width, (unsigned long long)height);
    }
    if (width > CD_IMAGE_MAX_SIDE || height > CD_IMAGE_MAX_SIDE ||
        width * height > CD_IMAGE_MAX_PIXELS) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: the %s header says %llu x %llu pixels; pictures of at most %d pixels a "
                       "side and %d in all are read",
                       source->name, format, (unsigned long long)width, (unsigned long long)height,
                       CD_IMAGE_MAX_SIDE, CD_IMAGE_MAX_PIXELS);
    }
    return true;
}

bool cd_pixels_new(int width, int height, int channels, cd_pixels *out)
{
    unsigned char *data = cd_alloc((size_t)width * (size_t)height * (size_t)channels);
    if (!data) return false;
    *out = (cd_pixels){ .width = width, .height = height, .channels = channels, .data = data };
    return true;
}

void cd_pixels_free(cd_pixels *pixels)
{
    if (!pixels) return;
    cd_free(pixels->data);
    *pixels = (cd_pixels){ .data = NULL };
}

void cd_pixels_from_indices(const cd_color *palette, int bits, const unsigned char *packed,
                            size_t count, unsigned char *rgb, size_t step)
{
    size_t width = (size_t)bits;
    unsigned mask = (1u << bits) - 1;
    for (size_t i = 0, bit = 0; i < count; i++, bit += width, rgb += step) {
        size_t shift = 8 - width - bit % 8;
        memcpy(rgb, palette[(unsigned)packed[bit / 8] >> shift & mask].rgb, 3);
    }
}

bool cd_pixels_to_grey(const cd_pixels *in, cd_pixels *out)
{
    cd_pixels grey;
    if (!cd_pixels_new(in->width, in->height, 1, &grey)) return false;
    grey.orientation = in->orientation;
    grey.warnings = in->warnings;
    size_t count = (size_t)in->width * (size_t)in->height;
    if (in->channels == 1) {
        memcpy(grey.data, in->data, count);
    } else {
        const unsigned char *rgb = in->data;
        for (size_t i = 0; i < count; i++, rgb += 3) {
            uint32_t sum = rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u;
            grey.data[i] = (unsigned char)(sum >> 16);
        }
    }
    *out = grey;
    return true;
}

/* --- formats ---------------------------------------------------------------------------------- */

typedef bool decoder(const cd_image_source *source, cd_pixels *out);

/* The decoder whose format the file begins with; NULL for none. */
static decoder *decoder_for(const cd_image_source *source)
{
    static const struct {
        const char *signature;
        decoder *decode;
    } readers[] = { { "\xff\xd8\xff", cd_jpeg_decode },
                    { "\x89PNG", cd_png_decode },
                    { "BM", cd_bmp_decode } };
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        size_t length = strlen(readers[i].signature);
        if (source->size < length) continue;
        if (memcmp(source->bytes, readers[i].signature, length) == 0) return readers[i].decode;
    }
    return NULL;
}

bool cd_image_decode(const void *bytes, size_t size, const char *name_for_errors, cd_pixels *out)
{
    if ((!bytes && size > 0) || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "image_decode: bytes and out must not be NULL");
    }
    cd_image_source source = { bytes, size, name_for_errors ? name_for_errors : "image" };
    decoder *decode = decoder_for(&source);
    return decode ? decode(&source, out) : cd_image_refuse(&source);
}

/* --- files ------------------------------------------------------------------------------------ */

bool cd_image_read(const char *path, cd_pixels *out)
{
    if (!path || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "image_read: path and out must not be NULL");
    }
    cd_bytes file;
    if (!cd_bytes_open(&file, path, CD_IMAGE_MAX_FILE_BYTES)) return false;
    bool done = cd_image_decode(file.data, file.size, path, out);
    cd_bytes_close(&file);
    return done;
}
