/* The safetensors writer. (The reader is reached through archive_internal.h.) */
#ifndef CANDELA_IO_SAFETENSORS_INTERNAL_H
#define CANDELA_IO_SAFETENSORS_INTERNAL_H

#include "core/shape.h"
#include "io/archive_internal.h"

/* What the format allows the JSON header to take. The reader takes as much of it as its budget for
 * descriptions allows (CD_BUDGET_DEFAULT is less), as it has the header in memory. */
#define CD_SAFETENSORS_HEADER_MAX ((uint64_t)100000000)

/* A tensor to write: contiguous, as the host stores it. Everything is the caller's. */
typedef struct cd_safetensors_item {
    const char *name;
    cd_file_dtype dtype; /* of 8 bits or more, not C128 */
    cd_shape shape;
    const void *data;
} cd_safetensors_item;

/* Writes a file of `n` tensors and `m` texts, or leaves the one that is there as it was (see
 * atomic_file_internal.h). The same items give the same bytes, in whatever order they come: tensors
 * lie from wide to narrow dtypes and by name, texts by key. False with CD_ERR_ARGUMENT (a name
 * twice, empty, not UTF-8, "__metadata__"), CD_ERR_SHAPE, CD_ERR_DTYPE, CD_ERR_UNSUPPORTED (a
 * header that is longer than the format or the reader allows, a path with the ending of another
 * format), CD_ERR_IO or CD_ERR_MEMORY. */
bool cd_safetensors_write(const char *path, const cd_safetensors_item *items, size_t n,
                          const cd_text_pair *metadata, size_t m);

#endif
