/* IDX, the format of MNIST: plain or compressed with gzip. */
#ifndef CANDELA_IO_IDX_INTERNAL_H
#define CANDELA_IO_IDX_INTERNAL_H

#include "core/shape.h"
#include "io/file_dtype_internal.h"

/* The most that a compressed file may unpack to. */
#define CD_IDX_MAX ((size_t)1 << 30)

typedef struct cd_idx {
    cd_file_dtype dtype; /* U8, I8, I16, I32, F32, F64 */
    cd_shape shape;      /* 1 to 8 dimensions */
    size_t bytes;
    void *data; /* row-major, in the host's byte order; owned */
} cd_idx;

/* False with CD_ERR_IO, CD_ERR_FORMAT (with the path and the byte offset, after unpacking),
 * CD_ERR_UNSUPPORTED (more than 8 dimensions) or CD_ERR_MEMORY, and *out empty. Give it back with
 * cd_idx_free. The length must be exact: neither too few bytes nor any left over. */
bool cd_idx_open(cd_idx *out, const char *path);
bool cd_idx_open_memory(cd_idx *out, const char *label, const void *data, size_t size);
/* Allowed on an empty one. */
void cd_idx_free(cd_idx *idx);

#endif
