/* The error of a file that is no JPEG, PNG or BMP: what its first bytes say it is, and what to do
 * about it. */
#include <string.h>

#include "core/error.h"
#include "io/image_format_internal.h"

enum { TEXT_SEARCHED = 1024 }; /* bytes in which the first element of markup is looked for */

static const char as_picture[] = "JPEG, PNG and BMP are read; save it as JPEG or PNG";
static const char as_raw[] = "JPEG, PNG and BMP are read; develop it and save it as JPEG or PNG";
static const char from_video[] =
    "JPEG, PNG and BMP are read; save single frames of it as JPEG or PNG";
static const char unpack[] = "JPEG, PNG and BMP are read; unpack it first";

/* A format that has `length` fixed bytes at `offset`. */
typedef struct kind {
    const char *name, *advice;
    size_t offset, length;
    const char *bytes;
} kind;

#define AT(offset_, bytes_, name_, advice_)                                                        \
    {                                                                                              \
        .name = (name_), .advice = (advice_), .offset = (offset_), .length = sizeof(bytes_) - 1,   \
        .bytes = (bytes_)                                                                          \
    }

/* The first entry that matches counts, so a special format stands before the general one whose
 * bytes it shares. */
static const kind kinds[] = {
    AT(0, "GIF8", "a GIF image", as_picture),
    AT(8, "WEBP", "a WebP image", as_picture),
    AT(0, "II*\0\x10\0\0\0CR\2", "a Canon raw image (CR2)", as_raw),
    AT(4, "ftypcrx ", "a Canon raw image (CR3)", as_raw),
    AT(0, "FUJIFILMCCD-RAW", "a Fujifilm raw image (RAF)", as_raw),
    AT(0, "IIRO", "an Olympus raw image (ORF)", as_raw),
    AT(0, "IIU\0", "a Panasonic raw image (RW2)", as_raw),
    AT(0, "II*\0", "a TIFF image or a camera's raw image (NEF, ARW, DNG)", as_picture),
    AT(0, "MM\0*", "a TIFF image or a camera's raw image (NEF, ARW, DNG)", as_picture),
    AT(0, "II+\0", "a BigTIFF image", as_picture),
    AT(0, "MM\0+", "a BigTIFF image", as_picture),
    AT(0, "II\xbc", "a JPEG XR image", as_picture),
    AT(4, "ftypavi", "an AVIF image", as_picture),
    AT(4, "ftyphe", "a HEIC image", as_picture),
    AT(4, "ftypmif1", "a HEIC or AVIF image", as_picture),
    AT(4, "ftypmsf1", "a HEIC or AVIF image", as_picture),
    AT(4, "ftyp", "an MP4 or QuickTime video", from_video),
    AT(4, "moov", "a QuickTime video", from_video),
    AT(0, "\xff\x0a", "a JPEG XL image", as_picture),
    AT(0, "\0\0\0\x0cJXL ", "a JPEG XL image", as_picture),
    AT(0, "\0\0\0\x0cjP  ", "a JPEG 2000 image", as_picture),
    AT(0, "\xff\x4f\xff\x51", "a JPEG 2000 image", as_picture),
    AT(0, "\x97JB2\r\n", "a JBIG2 image", as_picture),
    AT(0, "8BPS", "a Photoshop document", as_picture),
    AT(0, "gimp xcf", "a GIMP document", as_picture),
    AT(0, "qoif", "a QOI image", as_picture),
    AT(0, "DDS ", "a DDS texture", as_picture),
    AT(0, "v/1\1", "an OpenEXR image", as_picture),
    AT(0, "#?RADIANCE", "a Radiance HDR image", as_picture),
    AT(0, "#?RGBE", "a Radiance HDR image", as_picture),
    AT(0, "SIMPLE  =", "a FITS image", as_picture),
    AT(128, "DICM", "a DICOM image", as_picture),
    AT(0, "farbfeld", "a farbfeld image", as_picture),
    AT(0, "/* XPM */", "an XPM image", as_picture),
    AT(0, "#define ", "an XBM image or a C header", as_picture),
    AT(0, "Y\xa6j\x95", "a Sun raster image", as_picture),
    AT(0, "\1\xda\0\1", "an SGI image", as_picture),
    AT(0, "\1\xda\1\1", "an SGI image", as_picture),
    AT(0, "\x8aMNG", "an MNG animation", as_picture),
    AT(0, "\x8bJNG", "a JNG image", as_picture),
    AT(0, "BPG\xfb", "a BPG image", as_picture),
    AT(0, "icns", "a macOS icon", as_picture),
    AT(0, "BA", "an OS/2 bitmap array", as_picture),
    AT(0, "AT&TFORM", "a DjVu document", as_picture),
    AT(8, "ILBM", "an Amiga image (ILBM)", as_picture),
    AT(0, "\xd7\xcd\xc6\x9a", "a Windows metafile", as_picture),
    AT(40, " EMF", "a Windows metafile", as_picture),
    AT(0, "%PDF", "a PDF document", as_picture),
    AT(0, "%!PS", "a PostScript document", as_picture),
    AT(0, "\xc5\xd0\xd3\xc6", "a PostScript document", as_picture),
    AT(8, "AVI ", "an AVI video", from_video),
    AT(0, "\x1a\x45\xdf\xa3", "a Matroska or WebM video", from_video),
    AT(0, "\0\0\1\xba", "an MPEG video", from_video),
    AT(0, "\0\0\1\xb3", "an MPEG video", from_video),
    AT(0, "FLV\1", "a Flash video", from_video),
    AT(0, "OggS", "an Ogg video or sound", from_video),
    AT(0, "PK\3\4", "a zip archive", unpack),
    AT(0, "\x1f\x8b", "compressed by gzip", unpack),
    AT(0, "BZh", "compressed by bzip2", unpack),
    AT(0,
       "\xfd"
       "7zXZ",
       "compressed by xz", unpack),
    AT(0, "\x28\xb5\x2f\xfd", "compressed by zstd", unpack),
    AT(0, "7z\xbc\xaf", "a 7-Zip archive", unpack),
    AT(0, "Rar!", "a RAR archive", unpack),
    AT(257, "ustar", "a tar archive", unpack),
    AT(0, "\x93NUMPY", "a NumPy array", as_picture),
    AT(0, "\0\5\x16\7", "no picture but what macOS notes beside one (a ._ file)", "delete it"),
    AT(0, "\xd0\xcf\x11\xe0", "a Microsoft document (Thumbs.db is one)",
       "JPEG, PNG and BMP are read"),
    AT(0, "version https://git-lfs", "no picture but the pointer of Git LFS to it",
       "fetch the picture by git lfs pull"),
};

static bool is_at(const cd_image_source *source, size_t offset, const char *bytes, size_t length)
{
    return source->size >= offset + length && memcmp(source->bytes + offset, bytes, length) == 0;
}

/* --- formats without fixed bytes at one offset ------------------------------------------------ */

/* Begins with P1 to P7, PF or Pf, and white space. NULL for anything else, as in the functions
 * below. */
static const char *netpbm(const cd_image_source *source)
{
    static const char *const names[] = { "a PBM image", "a PGM image", "a PPM image", "a PBM image",
                                         "a PGM image", "a PPM image", "a PAM image" };
    if (source->size < 3 || source->bytes[0] != 'P' || !strchr(" \t\r\n", source->bytes[2]) ||
        source->bytes[2] == 0) {
        return NULL;
    }
    unsigned char digit = source->bytes[1];
    if (digit == 'F' || digit == 'f') return "a PFM image";
    return digit >= '1' && digit <= '7' ? names[digit - '1'] : NULL;
}

/* Windows icons (0 0 1 0), mouse pointers (0 0 2 0) and Targa images, whose headers look alike.
 * Bytes 4 and 5 count the pictures of an icon, at least 1; in a Targa image without a colour map
 * they are 0. Newer Targa images have a signature at their end. */
static const char *icon_or_targa(const cd_image_source *source)
{
    static const char footer[] = "TRUEVISION-XFILE.";
    size_t size = source->size;
    if (size > 18 && memcmp(source->bytes + size - 18, footer, sizeof footer) == 0) {
        return "a Targa image";
    }
    if (size < 18 || source->bytes[0] != 0) return NULL;
    const unsigned char *b = source->bytes;
    bool some = b[4] != 0 || b[5] != 0;
    if (b[1] == 0 && b[3] == 0 && some && b[2] == 1) return "an icon";
    if (b[1] == 0 && b[3] == 0 && some && b[2] == 2) return "a mouse pointer (CUR)";
    bool type = b[1] <= 1 && b[2] != 0 && (b[2] & ~8) >= 1 && (b[2] & ~8) <= 3;
    bool depth = b[16] == 8 || b[16] == 16 || b[16] == 24 || b[16] == 32;
    return type && depth && (b[1] == 1 || !some) ? "a Targa image" : NULL;
}

/* Byte 0 is 10, then come a version, 1 for run lengths, and the bits per plane. */
static const char *pcx(const cd_image_source *source)
{
    const unsigned char *b = source->bytes;
    if (source->size < 128 || b[0] != 10 || b[1] > 5 || b[2] != 1) return NULL;
    return b[3] == 1 || b[3] == 2 || b[3] == 4 || b[3] == 8 ? "a PCX image" : NULL;
}

/* Whether the text, given in small letters, stands at `at`, in any case of letters. */
static bool begins(const cd_image_source *source, size_t at, const char *text)
{
    size_t length = strlen(text);
    if (at > source->size || source->size - at < length) return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = source->bytes[at + i];
        if (c >= 'A' && c <= 'Z') c = (unsigned char)(c | 32);
        if (c != (unsigned char)text[i]) return false;
    }
    return true;
}

/* HTML, SVG and other XML, behind a byte-order mark and white space. */
static const char *markup(const cd_image_source *source)
{
    static const char *const page[] = { "<!doctype html", "<html", "<head", "<body", "<script" };
    size_t at = begins(source, 0, "\xef\xbb\xbf") ? 3 : 0;
    while (at < source->size && at < TEXT_SEARCHED && strchr(" \t\r\n", source->bytes[at]) &&
           source->bytes[at] != 0) {
        at++;
    }
    if (at == source->size || source->bytes[at] != '<') return NULL;
    for (size_t i = 0; i < sizeof page / sizeof *page; i++) {
        if (begins(source, at, page[i])) return "a web page";
    }
    for (size_t i = at; i < source->size && i < at + TEXT_SEARCHED; i++) {
        if (begins(source, i, "<svg")) return "an SVG drawing";
        if (begins(source, i, "<html")) return "a web page";
    }
    return begins(source, at, "<?xml") ? "an XML document" : NULL;
}

static bool all_zero(const cd_image_source *source)
{
    size_t i = 0;
    while (i < source->size && source->bytes[i] == 0) i++;
    return i == source->size;
}

/* --- the call --------------------------------------------------------------------------------- */

static bool refused(const cd_image_source *source, const char *name, const char *advice)
{
    return cd_fail(CD_ERR_UNSUPPORTED, "%s: this is %s; %s", source->name, name, advice);
}

static bool no_image(const cd_image_source *source)
{
    if (source->size == 0) return cd_fail(CD_ERR_FORMAT, "%s: the file is empty", source->name);
    if (all_zero(source)) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: every one of its %zu bytes is 0; it was never written, or lost",
                       source->name, source->size);
    }
    unsigned char head[4] = { 0 };
    memcpy(head, source->bytes, source->size < 4 ? source->size : 4);
    return cd_fail(
        CD_ERR_FORMAT,
        "%s: not an image: it begins with %02x %02x %02x %02x; JPEG, PNG and BMP are read",
        source->name, head[0], head[1], head[2], head[3]);
}

bool cd_image_refuse(const cd_image_source *source)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const kind *k = &kinds[i];
        if (is_at(source, k->offset, k->bytes, k->length)) {
            return refused(source, k->name, k->advice);
        }
    }
    const char *name = markup(source);
    if (name) {
        bool page = strcmp(name, "a web page") == 0;
        return refused(source, name,
                       page ? "where a picture was to be downloaded, the server sent this instead"
                            : as_picture);
    }
    name = netpbm(source);
    if (!name) name = icon_or_targa(source);
    if (!name) name = pcx(source);
    return name ? refused(source, name, as_picture) : no_image(source);
}
