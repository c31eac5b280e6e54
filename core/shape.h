/* Shapes: up to 8 sizes, by value. */
#ifndef CANDELA_CORE_SHAPE_H
#define CANDELA_CORE_SHAPE_H

#include "core/api.h"

CD_BEGIN_DECLS

enum { CD_MAX_DIMS = 8 };

typedef struct cd_shape {
    int ndim;                 /* 0 for a scalar */
    int64_t dim[CD_MAX_DIMS]; /* sizes, outermost first; those from ndim on are ignored */
} cd_shape;

#ifndef __cplusplus
/* CD_SHAPE(64, 3, 224, 224). More than 8 sizes is an error where the shape is used. */
#define CD_SHAPE(...)                                                                              \
    ((cd_shape){ .ndim = (int)(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)),              \
                 .dim = { __VA_ARGS__ } })
/* The shape of a 0-d tensor. */
#define CD_SCALAR ((cd_shape){ .ndim = 0 })
#endif

CD_API bool cd_shape_equal(cd_shape a, cd_shape b);

/* The shape that both broadcast to, aligned at the last dimension, sizes of 1 stretched. False if
 * there is none (no error is set: the op that asks names itself). */
CD_API bool cd_shape_broadcast(cd_shape a, cd_shape b, cd_shape *out);

/* The product of the sizes, checked: false for a negative size, an ndim outside 0..8, or a product
 * or 8-byte total that does not fit in 63 bits (no error is set). */
CD_API bool cd_shape_elements(cd_shape shape, int64_t *out);

/* Writes "2x3x4" ("scalar" for no dimensions) into `text`, which has CD_SHAPE_TEXT bytes, and
 * returns it. */
enum { CD_SHAPE_TEXT = 176 };
CD_API char *cd_shape_text(cd_shape shape, char *text);

CD_END_DECLS

#endif
