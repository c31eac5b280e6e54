/* A tensor as the writers of files take it (safetensors_write.c, npy_write.c). */
#ifndef CANDELA_IO_FILE_ITEM_INTERNAL_H
#define CANDELA_IO_FILE_ITEM_INTERNAL_H

#include "core/tensor.h"
#include "io/file_dtype_internal.h"

/* A tensor to write. All pointers are the caller's. */
typedef struct cd_file_item {
    const char *name;
    cd_file_dtype dtype; /* of 8 bits or more, not C128 */
    cd_shape shape;
    const void *data; /* contiguous, in the host's byte order; NULL is allowed for no elements */
} cd_file_item;

/* Makes the item of a tensor. Where the tensor is not contiguous, or on another device, the open
 * scope owns the copy whose data the item has. False with CD_ERR_ARGUMENT when `t` is no tensor,
 * CD_ERR_STATE when it is on the meta device, or CD_ERR_MEMORY; `function` and `name` are named in
 * the error. */
bool cd_file_item_of(cd_file_item *item, const char *function, const char *name, cd_tensor *t);

#endif
