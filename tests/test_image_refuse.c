/* Files that are no JPEG, PNG or BMP: the error names their format and says what to do. */
#include "pictures.h"

/* A file of 512 bytes with these at `offset` and 0x55 elsewhere is called `text`. */
static void named(size_t offset, const void *bytes, size_t size, const char *text)
{
    unsigned char file[512];
    memset(file, 0x55, sizeof file);
    memcpy(file + offset, bytes, size);
    char sentence[128];
    snprintf(sentence, sizeof sentence, "picture: this is %s; ", text);
    refuse(file, sizeof file, CD_ERR_UNSUPPORTED, sentence);
}
#define NAMED(offset_, bytes_, text_) named((offset_), (bytes_), sizeof(bytes_) - 1, (text_))

static void other_pictures_are_named(void **state)
{
    (void)state;
    NAMED(0, "GIF89a", "a GIF image");
    NAMED(0, "GIF87a", "a GIF image");
    NAMED(0, "RIFF\0\0\0\0WEBPVP8 ", "a WebP image");
    NAMED(0, "II*\0\10\0\0\0", "a TIFF image or a camera's raw image (NEF, ARW, DNG)");
    NAMED(0, "MM\0*\0\0\0\10", "a TIFF image or a camera's raw image (NEF, ARW, DNG)");
    NAMED(0, "II+\0\10\0\0\0", "a BigTIFF image");
    NAMED(0, "MM\0+\0\10\0\0", "a BigTIFF image");
    NAMED(0, "II*\0\20\0\0\0CR\2\0", "a Canon raw image (CR2)");
    NAMED(0,
          "\0\0\0\x18"
          "ftypcrx ",
          "a Canon raw image (CR3)");
    NAMED(0, "FUJIFILMCCD-RAW ", "a Fujifilm raw image (RAF)");
    NAMED(0, "IIRO\10\0\0\0", "an Olympus raw image (ORF)");
    NAMED(0, "IIU\0\30\0\0\0", "a Panasonic raw image (RW2)");
    NAMED(0, "II\xbc\1\10\0\0\0", "a JPEG XR image");
    NAMED(0,
          "\0\0\0\x1c"
          "ftypavif",
          "an AVIF image");
    NAMED(0,
          "\0\0\0\x1c"
          "ftypavis",
          "an AVIF image");
    NAMED(0,
          "\0\0\0\x1c"
          "ftypheic",
          "a HEIC image");
    NAMED(0,
          "\0\0\0\x1c"
          "ftyphevc",
          "a HEIC image");
    NAMED(0,
          "\0\0\0\x1c"
          "ftypmif1",
          "a HEIC or AVIF image");
    NAMED(0, "\xff\x0a", "a JPEG XL image");
    NAMED(0, "\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image");
    NAMED(0, "\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image");
    NAMED(0, "\xff\x4f\xff\x51\0\x2f", "a JPEG 2000 image");
    NAMED(0, "8BPS\0\1", "a Photoshop document");
    NAMED(0, "gimp xcf v011", "a GIMP document");
    NAMED(0, "qoif", "a QOI image");
    NAMED(0, "DDS |\0\0\0", "a DDS texture");
    NAMED(0, "v/1\1\2\0\0\0", "an OpenEXR image");
    NAMED(0, "#?RADIANCE\n", "a Radiance HDR image");
    NAMED(0, "#?RGBE\n", "a Radiance HDR image");
    NAMED(0, "SIMPLE  =                    T", "a FITS image");
    NAMED(128, "DICM", "a DICOM image");
    NAMED(0, "farbfeld", "a farbfeld image");
    NAMED(0, "/* XPM */\nstatic char *x[] = {", "an XPM image");
    NAMED(0, "#define x_width 16\n", "an XBM image or a C header");
    NAMED(0, "BA", "an OS/2 bitmap array");
    NAMED(0, "\x8aMNG\r\n\x1a\n", "an MNG animation");
    NAMED(0, "%PDF-1.4", "a PDF document");
    NAMED(0, "%!PS-Adobe-3.0", "a PostScript document");
}

static void portable_any_maps_are_named(void **state)
{
    (void)state;
    NAMED(0, "P1\n# a comment\n2 2\n0 1 1 0", "a PBM image");
    NAMED(0, "P2 2 2 255 1 2 3 4", "a PGM image");
    NAMED(0, "P3\t", "a PPM image");
    NAMED(0, "P4\n8 1\n\1", "a PBM image");
    NAMED(0, "P5\n2 2\n255\nabcd", "a PGM image");
    NAMED(0, "P6\r\n", "a PPM image");
    NAMED(0, "P7\nWIDTH 2\n", "a PAM image");
    NAMED(0, "PF\n2 2\n-1.0\n", "a PFM image");
    NAMED(0, "Pf\n2 2\n-1.0\n", "a PFM image");
    refuse("P5x", 3, CD_ERR_FORMAT, "not an image");
    refuse("P8\n", 3, CD_ERR_FORMAT, "not an image");
    refuse("P0\n", 3, CD_ERR_FORMAT, "not an image");
    refuse("P5\0", 3, CD_ERR_FORMAT, "not an image");
}

static void icons_pointers_targa_and_pcx_are_told_apart(void **state)
{
    (void)state;
    NAMED(0, "\0\0\1\0\1\0\20\20\0\0", "an icon");
    NAMED(0, "\0\0\2\0\1\0\20\20\0\0", "a mouse pointer (CUR)");
    NAMED(0, "\0\0\2\0\0\0\0\0\0\0\0\0\7\0\6\0\30\0", "a Targa image");
    NAMED(0, "\0\1\1\0\0\20\0\30\0\0\0\0\7\0\6\0\10\0", "a Targa image");
    NAMED(0, "\0\0\12\0\0\0\0\0\0\0\0\0\7\0\6\0\40\0", "a Targa image");
    NAMED(512 - 18, "TRUEVISION-XFILE.\0", "a Targa image");
    NAMED(0, "\12\5\1\10\0\0\0\0", "a PCX image");
    refuse("\12\5\1\10\0\0\0\0", 8, CD_ERR_FORMAT, "not an image");
}

/* Headers of icons, pointers, Targa and PCX with one byte that they cannot have. */
static void bytes_like_those_of_icons_targa_and_pcx_are_no_image(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        unsigned char head[18];
    } heads[] = {
        { "an icon's byte 3 is 0", { 0, 0, 1, 1, 1 } },
        { "a pointer's byte 3 is 0", { 0, 0, 2, 1, 1, [16] = 24 } },
        { "a Targa of type 3 has no colours here", { 0, 0, 3, 0, 1, [16] = 8 } },
        { "Targa's byte 1 is 0 or 1", { 0, 2, 2, [16] = 24 } },
        { "Targa has no type 0", { 0, 0, 0, [16] = 24 } },
        { "Targa has no type 8", { 0, 1, 8, [16] = 24 } },
        { "Targa has no type 4", { 0, 1, 4, [16] = 24 } },
        { "Targa has no 15 bits", { 0, 1, 2, [16] = 15 } },
        { "PCX has versions up to 5", { 10, 6, 1, 8 } },
        { "PCX is packed as run lengths", { 10, 5, 0, 8 } },
        { "PCX has no 3 bits", { 10, 5, 1, 3 } },
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        unsigned char file[512] = { 0 };
        memcpy(file, heads[i].head, sizeof heads[i].head);
        file[511] = 1;
        cd_pixels p;
        assert_that(!decode(file, sizeof file, &p), "%s", heads[i].why);
        assert_that(strstr(cd_error_message(), "not an image"), "%s: %s", heads[i].why,
                    cd_error_message());
        assert_failed_with(CD_ERR_FORMAT, "picture: not an image: it begins with ");
    }
    NAMED(0, "\0\1\11\0\0\20\0\30\0\0\0\0\7\0\6\0\20\0", "a Targa image");
    NAMED(0, "\12\0\1\1\0\0\0\0", "a PCX image");
    NAMED(0, "\12\2\1\2\0\0\0\0", "a PCX image");
    NAMED(0, "\12\3\1\4\0\0\0\0", "a PCX image");
}

static void what_else_lies_about_is_named(void **state)
{
    (void)state;
    NAMED(0,
          "\0\0\0\x20"
          "ftypisom",
          "an MP4 or QuickTime video");
    NAMED(0,
          "\0\0\0\x14"
          "ftypqt  ",
          "an MP4 or QuickTime video");
    NAMED(0, "\0\0\0\x08moov", "a QuickTime video");
    NAMED(0, "RIFF\0\0\0\0AVI LIST", "an AVI video");
    NAMED(0, "\x1a\x45\xdf\xa3", "a Matroska or WebM video");
    NAMED(0, "PK\3\4", "a zip archive");
    NAMED(0, "\x1f\x8b\x08", "compressed by gzip");
    NAMED(0,
          "\xfd"
          "7zXZ\0",
          "compressed by xz");
    NAMED(257, "ustar", "a tar archive");
    NAMED(0, "\0\5\x16\7\0\2\0\0", "no picture but what macOS notes beside one (a ._ file)");
    NAMED(0, "version https://git-lfs.github.com/spec/v1\noid",
          "no picture but the pointer of Git LFS to it");
    refuse("version https://git-lfs.github.com/spec/v1\n", 43, CD_ERR_UNSUPPORTED, "git lfs pull");
}

static void markup_is_named_in_any_case_and_behind_white_space(void **state)
{
    (void)state;
    NAMED(0, "<!DOCTYPE html>", "a web page");
    NAMED(0, "<!doctype HTML PUBLIC>", "a web page");
    NAMED(0, "\xef\xbb\xbf\r\n\t <HTML lang=en>", "a web page");
    NAMED(0, "\n<head>", "a web page");
    NAMED(0, "<!-- saved --> <html>", "a web page");
    NAMED(0, "<svg xmlns='http://www.w3.org/2000/svg'>", "an SVG drawing");
    NAMED(0, "<?xml version='1.0'?>\n<!-- x -->\n<svg width='1'>", "an SVG drawing");
    NAMED(0, "<?xml version='1.0'?><Error>AccessDenied</Error>", "an XML document");
    refuse("<html>", 6, CD_ERR_UNSUPPORTED,
           "where a picture was to be downloaded, the server sent this instead");
    refuse("<", 1, CD_ERR_FORMAT, "not an image");
    refuse("   ", 3, CD_ERR_FORMAT, "not an image");
}

/* White space is skipped, and <svg or <html looked for, in the first 1024 bytes only. */
static void markup_is_looked_for_in_the_first_kilobyte(void **state)
{
    (void)state;
    enum { SEARCHED = 1024 };
    unsigned char file[3 * SEARCHED];
    static const struct {
        size_t at;
        const char *sentence;
    } drawings[] = { { SEARCHED - 1, "this is an SVG drawing" },
                     { SEARCHED, "not an image: it begins with 3c 21 20 20" } };
    for (int i = 0; i < 2; i++) {
        memset(file, ' ', sizeof file);
        memcpy(file, "<!", 2);
        memcpy(file + drawings[i].at, "<svg", 4);
        refuse(file, sizeof file, i == 0 ? CD_ERR_UNSUPPORTED : CD_ERR_FORMAT,
               drawings[i].sentence);
    }
    for (size_t at = SEARCHED; at <= SEARCHED + 1; at++) {
        memset(file, ' ', sizeof file);
        memcpy(file + at, "<html>", 6);
        bool found = at == SEARCHED;
        refuse(file, sizeof file, found ? CD_ERR_UNSUPPORTED : CD_ERR_FORMAT,
               found ? "this is a web page" : "not an image: it begins with 20 20 20 20");
    }
}

static void the_sentence_says_what_would_be_right(void **state)
{
    (void)state;
    refuse("GIF89a", 6, CD_ERR_UNSUPPORTED,
           "picture: this is a GIF image; JPEG, PNG and BMP are read; save it as JPEG or PNG");
    refuse("\0\0\0\x20"
           "ftypmp42",
           12, CD_ERR_UNSUPPORTED, "save single frames of it");
    refuse("PK\3\4", 4, CD_ERR_UNSUPPORTED, "unpack it first");
}

static void what_is_no_image_is_said_with_its_first_bytes(void **state)
{
    (void)state;
    refuse("hello", 5, CD_ERR_FORMAT, "not an image: it begins with 68 65 6c 6c");
    refuse("B", 1, CD_ERR_FORMAT, "begins with 42 00 00 00");
    refuse("\xff\xd8", 2, CD_ERR_FORMAT, "begins with ff d8 00 00");
    refuse("\n\xff\xd8\xff\xe0", 5, CD_ERR_FORMAT, "begins with 0a ff d8 ff");
    refuse("", 0, CD_ERR_FORMAT, "picture: the file is empty");
    static const unsigned char zeros[300] = { 0 };
    refuse(zeros, 1, CD_ERR_FORMAT, "every one of its 1 bytes is 0");
    refuse(zeros, sizeof zeros, CD_ERR_FORMAT, "every one of its 300 bytes is 0");
}

/* In memory of exactly their size, so that a sanitizer sees a read past the end. */
static void every_prefix_of_a_signature_is_refused(void **state)
{
    (void)state;
    static const char heads[][24] = {
        "\xff\xd8\xff\xe0\0\20JFIF", "\x89PNG\r\n\x1a\n\0\0\0\15IHDR",
        "BM\0\0\0\0\0\0\0\0",        "II*\0",
        "<!doctype html><svg",       "P6\n3 3\n",
        "version https://git-lfs",   "\0\0\2\0\0\0",
        "\0\0\0\30ftypheic",
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        for (size_t size = 0; size <= sizeof *heads; size++) {
            unsigned char *exact = malloc(size ? size : 1);
            assert_non_null(exact);
            memcpy(exact, heads[i], size);
            cd_pixels p;
            assert_false(cd_image_decode(exact, size, "picture", &p));
            assert_true(cd_error_message()[0] != '\0');
            cd_clear_error();
            free(exact);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_pictures_are_named),
        TEST(portable_any_maps_are_named),
        TEST(icons_pointers_targa_and_pcx_are_told_apart),
        TEST(bytes_like_those_of_icons_targa_and_pcx_are_no_image),
        TEST(what_else_lies_about_is_named),
        TEST(markup_is_named_in_any_case_and_behind_white_space),
        TEST(markup_is_looked_for_in_the_first_kilobyte),
        TEST(the_sentence_says_what_would_be_right),
        TEST(what_is_no_image_is_said_with_its_first_bytes),
        TEST(every_prefix_of_a_signature_is_refused),
    };
    return RUN(tests);
}
