/* Reading IDX files, the format of MNIST, plain or compressed with gzip. Numbers are all that such
 * a file holds: an element type, sizes, and elements. */
#ifndef CANDELA_IO_IDX_INTERNAL_H
#define CANDELA_IO_IDX_INTERNAL_H

#include "core/shape.h"
#include "io/file_dtype_internal.h"

/* How many bytes of elements a compressed file may hold. */
#define CD_IDX_MAX ((size_t)1 << 30)

typedef struct cd_idx {
    cd_file_dtype dtype; /* U8, I8, I16, I32, F32, F64 */
    cd_shape shape;      /* 1 to 8 dimensions */
    size_t bytes;        /* of data */
    void *data;          /* row-major, in the host's byte order; owned */
} cd_idx;

/* Reads the file at `path`. Its length must be exact: no byte missing, none left over. The caller
 * frees *out with cd_idx_free. False, with *out zeroed: CD_ERR_IO; CD_ERR_FORMAT, whose sentence
 * has a byte offset (in the unpacked data, or in the file where gzip's own data are damaged);
 * CD_ERR_UNSUPPORTED for more than 8 dimensions; CD_ERR_MEMORY. */
bool cd_idx_open(cd_idx *out, const char *path);
/* The same for a file in memory; `label` stands for the path in sentences. */
bool cd_idx_open_memory(cd_idx *out, const char *label, const void *data, size_t size);
/* Zeroes the struct. A zeroed struct is allowed. */
void cd_idx_free(cd_idx *idx);

#endif
