/* Functions of shapes as in shape.h, for the library's own files: by pointer, so that a call copies
 * no shape. */
#ifndef CANDELA_CORE_SHAPE_INTERNAL_H
#define CANDELA_CORE_SHAPE_INTERNAL_H

#include "core/shape.h"

/* As cd_shape_elements, inline: the constructor of every tensor needs it. */
static inline bool cd_shape_count(const cd_shape *shape, int64_t *out)
{
    if ((unsigned)shape->ndim > CD_MAX_DIMS) return false;
    int64_t extent = 1; /* the product with sizes of 0 counted as 1: then the strides fit too */
    bool empty = false;
    for (int i = 0; i < shape->ndim; i++) {
        const int64_t size = shape->dim[i];
        if (size < 0 || __builtin_mul_overflow(extent, size > 0 ? size : 1, &extent)) return false;
        empty |= size == 0;
    }
    *out = empty ? 0 : extent;
    return extent <= INT64_MAX / 8;
}

/* As cd_shape_text. */
char *cd_sizes_text(const cd_shape *shape, char *text);

/* As cd_shape_equal, for shapes whose ndim is known to be in 0..8. */
static inline bool cd_same_sizes(const cd_shape *a, const cd_shape *b)
{
    if (a->ndim != b->ndim) return false;
    for (int i = 0; i < a->ndim; i++) {
        if (a->dim[i] != b->dim[i]) return false;
    }
    return true;
}

#endif
