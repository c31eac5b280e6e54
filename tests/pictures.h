/* For tests of pictures: the files of golden/images with the pixels that PIL reads from them,
 * building PNG and BMP files, and decoding with a check of the logged warning. */
#ifndef CANDELA_TESTS_PICTURES_H
#define CANDELA_TESTS_PICTURES_H

#include "hostile.h"

#include "io/image_internal.h"

/* --- the small pictures of golden/images ------------------------------------------------------ */

enum { MAX_BYTES = 4096, MAX_IMAGES = 100 };

/* A file of golden/images, and what PIL reads from it. */
typedef struct sample {
    char name[64];
    int width, height, orientation;
    unsigned crc; /* of the RGB pixels */
    size_t size;
    unsigned char bytes[MAX_BYTES];
} sample;

static sample samples[MAX_IMAGES];
static int sample_count;

static inline const char *sample_path(const sample *s)
{
    char name[128];
    snprintf(name, sizeof name, "golden/images/%.63s", s->name);
    return test_path(name);
}

/* Reads golden/images.txt and the files that it lists, once. */
static inline void load_samples(void)
{
    if (sample_count > 0) return;
    FILE *list = fopen(test_path("golden/images.txt"), "r");
    assert_non_null(list);
    sample *s = samples;
    while (fscanf(list, "%63s %d %d %x %d", s->name, &s->width, &s->height, &s->crc,
                  &s->orientation) == 5) {
        FILE *file = fopen(sample_path(s), "rb");
        assert_non_null(file);
        s->size = fread(s->bytes, 1, MAX_BYTES, file);
        assert_true(s->size > 0 && s->size < MAX_BYTES);
        fclose(file);
        s++;
        assert_true(s < samples + MAX_IMAGES);
    }
    fclose(list);
    sample_count = (int)(s - samples);
    assert_true(sample_count > 50);
}

static inline const sample *sample_named(const char *name)
{
    load_samples();
    int i = 0;
    while (i < sample_count && strcmp(samples[i].name, name) != 0) i++;
    assert_that(i < sample_count, "no sample %s", name);
    return &samples[i];
}

/* Appends the bytes of a sample. */
static inline void add_sample(buffer *b, const char *name)
{
    const sample *s = sample_named(name);
    add(b, s->bytes, s->size);
}

/* The CRC-32 of the pixels. */
static inline unsigned pixels_crc(const cd_pixels *p)
{
    size_t bytes = (size_t)p->width * (size_t)p->height * (size_t)p->channels;
    return (unsigned)crc32_z(0, p->data, bytes);
}

/* --- decoding --------------------------------------------------------------------------------- */

static char logged[CD_ERROR_MESSAGE_BYTES]; /* the last warning of `decode`, "" without one */

static inline void keep_message(cd_log_level level, const char *message, void *user)
{
    (void)user;
    assert_int_equal(level, CD_LOG_WARNING);
    snprintf(logged, sizeof logged, "%s", message);
}

/* Decodes a picture; a warning is stored in `logged`. */
static inline bool decode(const void *bytes, size_t size, cd_pixels *out)
{
    logged[0] = '\0';
    cd_set_logger(keep_message, NULL);
    bool done = cd_image_decode(bytes, size, "picture", out);
    cd_set_logger(NULL, NULL);
    return done;
}

/* Checks that the file decodes to pixels with this CRC-32, and with a warning that contains `text`,
 * or without a warning if `text` is NULL. */
static inline void decodes(const buffer *b, unsigned crc, const char *text)
{
    cd_pixels p = { .data = NULL };
    bool done = decode(b->at, b->size, &p);
    assert_that(done, "%s", cd_error_message());
    assert_that(pixels_crc(&p) == crc, "crc %08x, expected %08x", pixels_crc(&p), crc);
    assert_that(text ? strstr(logged, text) != NULL : logged[0] == '\0', "logged \"%s\"", logged);
    assert_int_equal(p.warnings > 0, text != NULL);
    cd_pixels_free(&p);
}

/* Checks that the file is refused with this code and text, and that the caller's struct is
 * unchanged. */
static inline void refuse(const void *bytes, size_t size, cd_code code, const char *text)
{
    cd_pixels p = { .width = -7 };
    bool done = decode(bytes, size, &p);
    assert_that(!done, "it was read; expected \"%s\"", text);
    assert_int_equal(p.width, -7);
    assert_failed_with(code, text);
}

/* The same, and checks that less than a megabyte of memory was taken by then. */
static inline void refuse_early(const void *bytes, size_t size, cd_code code, const char *text)
{
    size_t before = cd_memory_stats().bytes_in_use;
    cd_memory_reset_peak();
    refuse(bytes, size, code, text);
    assert_true(cd_memory_stats().bytes_peak - before < 1 << 20);
}

/* --- PNG -------------------------------------------------------------------------------------- */

/* Appends a chunk with its length and CRC. */
static inline void png_chunk(buffer *b, const char *type, const void *data, size_t size)
{
    size_t at = b->size;
    add_be(b, size, 4);
    add_text(b, type);
    add(b, data, size);
    add_be(b, crc32_z(0, b->at + at + 4, size + 4), 4);
}

/* Begins a PNG file: signature and header. */
static inline void png_begin(buffer *b, uint32_t width, uint32_t height, int depth, int color,
                             int interlace)
{
    buffer header = { .size = 0 };
    add_be(&header, width, 4);
    add_be(&header, height, 4);
    add_be(&header, (uint64_t)depth, 1);
    add_be(&header, (uint64_t)color, 1);
    add_be(&header, 0, 2);
    add_be(&header, (uint64_t)interlace, 1);
    b->size = 0;
    ADD(b, "\x89PNG\r\n\x1a\n");
    png_chunk(b, "IHDR", header.at, header.size);
}

/* Deflates `raw` into *packed. */
static inline void deflate_to(buffer *packed, const void *raw, size_t size)
{
    uLongf bytes = BUFFER_MAX;
    assert_int_equal(compress2(packed->at, &bytes, raw, size, 9), Z_OK);
    packed->size = bytes;
}

/* --- BMP -------------------------------------------------------------------------------------- */

/* The header of a BMP file. Fields that are 0 have the meaning that is given beside them. */
typedef struct bmp_head {
    int32_t width, height;
    int bits, compression;
    int colors;        /* in the palette; 0: 2^bits */
    int header;        /* bytes of the information header; 0: 40 */
    const void *masks; /* 12 bytes, for compression 3 */
    uint32_t offset;   /* of the pixels; 0: right behind the palette */
} bmp_head;

/* Begins a BMP file: both headers, and a palette in which colour i is blue 3 i, green 5 i, red 7
 * i. */
static inline void bmp_begin(buffer *b, const bmp_head *h)
{
    uint64_t header = h->header ? (uint64_t)h->header : 40;
    int colors = h->bits > 8 ? 0 : h->colors ? h->colors : 1 << h->bits;
    uint64_t masks = h->masks && header == 40 ? 12 : 0;
    b->size = 0;
    ADD(b, "BM");
    add_le(b, 0, 8);
    add_le(b, h->offset ? h->offset : 14 + header + masks + 4 * (uint64_t)colors, 4);
    add_le(b, header, 4);
    add_le(b, (uint32_t)h->width, 4);
    add_le(b, (uint32_t)h->height, 4);
    add_le(b, 1, 2);
    add_le(b, (uint64_t)h->bits, 2);
    add_le(b, (uint64_t)h->compression, 4);
    add_le(b, 0, 12);
    add_le(b, (uint64_t)h->colors, 4);
    add_le(b, 0, 4);
    if (h->masks) add(b, h->masks, 12);
    while (b->size < 14 + header) add_le(b, 0, 1);
    for (int i = 0; i < colors; i++) {
        add_le(b, 3u * (unsigned)i & 255, 1);
        add_le(b, 5u * (unsigned)i & 255, 1);
        add_le(b, 7u * (unsigned)i & 255, 1);
        add_le(b, 0, 1);
    }
}

#endif
