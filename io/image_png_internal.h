/* The two halves of the PNG decoder: image_png.c reads the chunks, image_png_rows.c the pixels in
 * the IDAT chunks. */
#ifndef CANDELA_IO_IMAGE_PNG_INTERNAL_H
#define CANDELA_IO_IMAGE_PNG_INTERNAL_H

#include "io/image_format_internal.h"

/* The colour types of the header. */
enum {
    CD_PNG_GREY = 0,
    CD_PNG_RGB = 2,
    CD_PNG_PALETTE = 3,
    CD_PNG_GREY_ALPHA = 4,
    CD_PNG_RGBA = 6
};

/* A PNG file is a signature and chunks. A chunk is the length of its data (4 bytes, big-endian), a
 * type (4 letters), the data, and a CRC-32 of type and data (4 bytes). */
typedef struct cd_png_chunk {
    size_t at;                 /* where the chunk begins in the file */
    const unsigned char *type; /* 4 letters; the data follow */
    size_t length;             /* of the data; of a cut chunk, of those that the file has */
    bool cut;                  /* the file ends within this chunk */
} cd_png_chunk;

typedef struct cd_png {
    const cd_image_source *file;
    uint32_t width, height;
    int depth; /* bits per sample */
    int color; /* a colour type */
    bool interlaced;
    bool has_palette;
    cd_color palette[256]; /* colours that the file does not give are black, as in PIL */
    size_t data_at;        /* the offset of the first IDAT chunk */
    int orientation;       /* EXIF, 0 without */
    bool clipped;          /* 16-bit grey above 255 became 255 */
    int warnings;          /* how many damaged places were stepped over */
    char warning[192];     /* a sentence on the first of them */
} cd_png;

/* Reads the chunk at offset `at`. False, without an error, when fewer than 8 bytes are left or the
 * type is not made of letters. */
bool cd_png_chunk_at(const cd_image_source *file, size_t at, cd_png_chunk *chunk);
/* Whether the chunk has this type. */
bool cd_png_is(const cd_png_chunk *chunk, const char *type);
/* False for a cut chunk too. */
bool cd_png_crc_matches(const cd_png_chunk *chunk);
/* The offset behind the chunk: of the next chunk or, for a cut chunk, of the end of the file. */
size_t cd_png_behind(const cd_image_source *file, const cd_png_chunk *chunk);

/* Counts damage that leaves the pixels whole, and keeps the first sentence about it. */
void cd_png_warn(cd_png *p, const char *format, ...) CD_PRINTF(2, 3);

/* The bytes of one row of `width` pixels, without the byte that names its filter. */
size_t cd_png_row_bytes(const cd_png *p, uint32_t width);

/* Inflates and unfilters all rows into `out`, which is RGB of the header's size. Takes memory for
 * two rows and zlib's window only. False with an error. */
bool cd_png_read_rows(cd_png *p, cd_pixels *out);

#endif
