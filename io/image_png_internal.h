/* What the two halves of the PNG reader share: image_png.c knows chunks, image_png_rows.c knows
 * what the IDAT chunks hold. */
#ifndef CANDELA_IO_IMAGE_PNG_INTERNAL_H
#define CANDELA_IO_IMAGE_PNG_INTERNAL_H

#include "io/image_format_internal.h"

enum {
    CD_PNG_GREY = 0,
    CD_PNG_RGB = 2,
    CD_PNG_PALETTE = 3,
    CD_PNG_GREY_ALPHA = 4,
    CD_PNG_RGBA = 6
};

/* A file is a signature and chunks: length (4 bytes, big-endian), type (4 letters), data, CRC-32 of
 * type and data (4). */
typedef struct cd_png_chunk {
    size_t at;                 /* where the chunk begins in the file */
    const unsigned char *type; /* 4 letters; the data follow */
    size_t length;             /* of the data, as far as the file has them */
    bool cut;                  /* the file ends in this chunk */
} cd_png_chunk;

typedef struct cd_png {
    const cd_image_source *file;
    uint32_t width, height;
    int depth, color; /* bits per sample, one of the types above */
    bool interlaced;
    bool has_palette;
    cd_color palette[256]; /* what the file does not give is black, as in PIL */
    size_t data_at;        /* the first IDAT chunk */
    int orientation;
    bool clipped;      /* 16-bit grey was cut off at 255 */
    int warnings;      /* what had to be stepped over */
    char warning[192]; /* the first such thing */
} cd_png;

/* The chunk at `at`; false when no type and length stand there, whole and of letters. */
bool cd_png_chunk_at(const cd_image_source *file, size_t at, cd_png_chunk *chunk);
bool cd_png_is(const cd_png_chunk *chunk, const char *type);
/* False for a chunk that is cut, too. */
bool cd_png_crc_matches(const cd_png_chunk *chunk);
/* Where the next chunk begins; the end of the file after one that is cut. */
size_t cd_png_behind(const cd_image_source *file, const cd_png_chunk *chunk);

/* Counts damage that leaves the pixels whole. */
void cd_png_warn(cd_png *p, const char *format, ...) CD_PRINTF(2, 3);

/* The bytes of one row of `width` pixels, without its filter's byte. */
size_t cd_png_row_bytes(const cd_png *p, uint32_t width);

/* Inflates and unfilters all rows into `out`, RGB of the header's size. Takes no memory but for two
 * rows and zlib's window. */
bool cd_png_read_rows(cd_png *p, cd_pixels *out);

#endif
