/* Shapes, for the library's own files. */
#ifndef CANDELA_CORE_SHAPE_INTERNAL_H
#define CANDELA_CORE_SHAPE_INTERNAL_H

#include "core/shape.h"

/* cd_shape_elements, for what every tensor begins with. */
static inline bool cd_shape_count(const cd_shape *shape, int64_t *out)
{
    if ((unsigned)shape->ndim > CD_MAX_DIMS) return false;
    int64_t extent = 1; /* with sizes of 0 taken as 1, so that strides fit too */
    bool empty = false;
    for (int i = 0; i < shape->ndim; i++) {
        const int64_t size = shape->dim[i];
        if (size < 0 || __builtin_mul_overflow(extent, size > 0 ? size : 1, &extent)) return false;
        empty |= size == 0;
    }
    *out = empty ? 0 : extent;
    return extent <= INT64_MAX / 8;
}

/* cd_shape_text, of a shape that lies somewhere. */
char *cd_sizes_text(const cd_shape *shape, char *text);

/* cd_shape_equal, of shapes that lie somewhere. */
static inline bool cd_same_sizes(const cd_shape *a, const cd_shape *b)
{
    if (a->ndim != b->ndim) return false;
    for (int i = 0; i < a->ndim; i++) {
        if (a->dim[i] != b->dim[i]) return false;
    }
    return true;
}

#endif
