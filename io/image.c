#include "io/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/memory_internal.h"
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
                       "%s: the %s header says %llu x %llu pixels; at most %d a side and %d in all "
                       "are read",
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

/* --- what the bytes are ------------------------------------------------------------------------
 */

typedef struct signature {
    const char *format, *bytes;
    size_t offset, length;
    bool (*decode)(const cd_image_source *source, cd_pixels *out); /* NULL: recognised, not read */
} signature;

#define SIGNATURE(format_, offset_, bytes_, decode_)                                               \
    {                                                                                              \
        .format = (format_), .bytes = (bytes_), .offset = (offset_), .length = sizeof(bytes_) - 1, \
        .decode = (decode_)                                                                        \
    }

static const signature signatures[] = {
    SIGNATURE("JPEG", 0, "\xff\xd8\xff", cd_jpeg_decode),
    SIGNATURE("PNG", 0, "\x89PNG", cd_png_decode),
    SIGNATURE("BMP", 0, "BM", cd_bmp_decode),
    SIGNATURE("a GIF image", 0, "GIF8", NULL),
    SIGNATURE("a WebP image", 8, "WEBP", NULL),
    SIGNATURE("a TIFF image", 0, "II*\0", NULL),
    SIGNATURE("a TIFF image", 0, "MM\0*", NULL),
    SIGNATURE("an AVIF image", 4, "ftypavif", NULL),
    SIGNATURE("a HEIC image", 4, "ftyphei", NULL),
    SIGNATURE("a HEIC image", 4, "ftypmif1", NULL),
    SIGNATURE("a JPEG XL image", 0, "\xff\x0a", NULL),
    SIGNATURE("a JPEG XL image", 4, "JXL ", NULL),
    SIGNATURE("a JPEG 2000 image", 4, "jP  ", NULL),
    SIGNATURE("a Photoshop document", 0, "8BPS", NULL),
    SIGNATURE("an icon", 0, "\0\0\1\0", NULL),
    SIGNATURE("a PPM image", 0, "P6", NULL),
    SIGNATURE("a PGM image", 0, "P5", NULL),
    SIGNATURE("a PDF document", 0, "%PDF", NULL),
    SIGNATURE("a zip archive", 0, "PK\3\4", NULL),
    SIGNATURE("gzipped", 0, "\x1f\x8b", NULL),
    SIGNATURE("a web page, not an image", 0, "<!DOCTYPE", NULL),
    SIGNATURE("a web page, not an image", 0, "<!doctype", NULL),
    SIGNATURE("a web page, not an image", 0, "<html", NULL),
    SIGNATURE("a web page, not an image", 0, "<HTML", NULL),
    SIGNATURE("an SVG drawing", 0, "<svg", NULL),
    SIGNATURE("an XML document", 0, "<?xml", NULL),
};

static bool unknown(const cd_image_source *source)
{
    if (source->size == 0) return cd_fail(CD_ERR_FORMAT, "%s: the file is empty", source->name);
    unsigned char head[4] = { 0 };
    memcpy(head, source->bytes, source->size < 4 ? source->size : 4);
    return cd_fail(
        CD_ERR_FORMAT,
        "%s: not an image: it begins with %02x %02x %02x %02x; JPEG, PNG and BMP are read",
        source->name, head[0], head[1], head[2], head[3]);
}

bool cd_image_decode(const void *bytes, size_t size, const char *name_for_errors, cd_pixels *out)
{
    if ((!bytes && size > 0) || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "image_decode: bytes and out must not be NULL");
    }
    cd_image_source source = { bytes, size, name_for_errors ? name_for_errors : "image" };
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const signature *s = &signatures[i];
        if (size < s->offset + s->length) continue;
        if (memcmp(source.bytes + s->offset, s->bytes, s->length) != 0) continue;
        if (s->decode) return s->decode(&source, out);
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: this is %s; JPEG, PNG and BMP are read",
                       source.name, s->format);
    }
    return unknown(&source);
}

/* --- files -------------------------------------------------------------------------------------
 */

/* The whole of an open file, or NULL. A file that shrinks while it is read is an error. */
static unsigned char *read_all(int fd, const char *path, size_t *size)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (!S_ISREG(info.st_mode)) {
        cd_fail(CD_ERR_IO, "%s: not a file%s", path, S_ISDIR(info.st_mode) ? " but a folder" : "");
        return NULL;
    }
    if (info.st_size > CD_IMAGE_MAX_FILE_BYTES) {
        cd_fail(CD_ERR_UNSUPPORTED, "%s: %lld bytes; image files of at most %d bytes are read",
                path, (long long)info.st_size, CD_IMAGE_MAX_FILE_BYTES);
        return NULL;
    }
    size_t wanted = (size_t)info.st_size, got = 0;
    unsigned char *bytes = cd_alloc(wanted);
    while (bytes && got < wanted) {
        ssize_t n = read(fd, bytes + got, wanted - got);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            cd_fail(CD_ERR_IO, "%s: reading at byte %zu of %zu: %s", path, got, wanted,
                    n < 0 ? strerror(errno) : "the file became shorter");
            cd_free(bytes);
            return NULL;
        }
        got += (size_t)n;
    }
    *size = wanted;
    return bytes;
}

bool cd_image_read(const char *path, cd_pixels *out)
{
    if (!path || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "image_read: path and out must not be NULL");
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not block here */
    if (fd < 0) return cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
    size_t size = 0;
    unsigned char *bytes = read_all(fd, path, &size);
    (void)close(fd);
    if (!bytes) return false;
    bool done = cd_image_decode(bytes, size, path, out);
    cd_free(bytes);
    return done;
}
