/* The header of NumPy's .npy format, versions 1.0, 2.0 and 3.0.
 *
 *     "\x93NUMPY", major, minor       8 bytes
 *     length of the text              2 bytes in version 1.0, else 4, low byte first
 *     text                            {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
 *     the elements
 *
 * The text is a literal of Python's. It is read by a parser that knows only what such a text needs,
 * and nothing in it is evaluated. */
#ifndef CANDELA_IO_NPY_INTERNAL_H
#define CANDELA_IO_NPY_INTERNAL_H

#include "core/shape.h"
#include "io/bytes_internal.h"
#include "io/file_dtype_internal.h"

/* The longest header that is read, and that of the bytes before its text. numpy.load has the same
 * limit (max_header_size). */
enum { CD_NPY_TEXT_MAX = 10000, CD_NPY_HEADER_MAX = 12 + CD_NPY_TEXT_MAX };

typedef struct cd_npy_header {
    cd_file_dtype dtype; /* CD_FILE_OBJECT and the like for elements that are never read */
    bool big_endian;     /* false for elements of one byte */
    bool fortran;        /* the first index runs fastest */
    cd_shape shape;
    int64_t elements;
    size_t size;  /* of the header: where the elements begin */
    size_t bytes; /* of the elements; 0 for elements that are never read */
} cd_npy_header;

/* Reads the header at the start of `bytes`, which are the whole file or its first CD_NPY_HEADER_MAX
 * bytes. False with CD_ERR_FORMAT, whose sentence has the offset, or CD_ERR_UNSUPPORTED for a later
 * version, more than 8 dimensions, or a dtype that is not known. */
bool cd_npy_header_read(const cd_bytes *bytes, cd_npy_header *out);

/* The most bytes that cd_npy_header_write writes. */
enum { CD_NPY_WRITTEN_MAX = 512 };

/* Writes the header that numpy.save writes for these elements in row-major order and the host's
 * byte order, and returns its size. The dtype is one of a tensor's (cd_file_dtype_of). */
size_t cd_npy_header_write(cd_file_dtype dtype, cd_shape shape, char out[CD_NPY_WRITTEN_MAX]);

#endif
