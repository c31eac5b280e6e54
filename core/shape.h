/* Shapes: up to 8 sizes, passed by value. */
#ifndef CANDELA_CORE_SHAPE_H
#define CANDELA_CORE_SHAPE_H

#include "core/api.h"

CD_BEGIN_DECLS

enum { CD_MAX_DIMS = 8 };

typedef struct cd_shape {
    int ndim;                 /* 0 for a scalar */
    int64_t dim[CD_MAX_DIMS]; /* sizes, outermost first; entries from dim[ndim] on are ignored */
} cd_shape;

#ifndef __cplusplus
/* CD_SHAPE(64, 3, 224, 224). A shape of more than 8 sizes is CD_ERR_SHAPE in the call that
 * uses it. */
#define CD_SHAPE(...)                                                                              \
    ((cd_shape){ .ndim = (int)(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)),              \
                 .dim = { __VA_ARGS__ } })
/* The shape of a 0-d tensor. */
#define CD_SCALAR ((cd_shape){ .ndim = 0 })
#endif

/* Whether ndim and all sizes are equal. */
CD_API bool cd_shape_equal(cd_shape a, cd_shape b);

/* Sets *out to the shape that both broadcast to, as torch.broadcast_shapes: dimensions are aligned
 * at the last, and sizes of 1 stretch to the other shape's. Returns false if the shapes do not
 * broadcast; sets no error, so that the caller can name itself in its own. */
CD_API bool cd_shape_broadcast(cd_shape a, cd_shape b, cd_shape *out);

/* Sets *out to the number of elements. Returns false, without an error, for a negative size, an
 * ndim outside 0..8, or so many elements that 8 bytes each are more than INT64_MAX. */
CD_API bool cd_shape_elements(cd_shape shape, int64_t *out);

/* The bytes that the text of any shape fits into. */
enum { CD_SHAPE_TEXT = 176 };
/* Writes "2x3x4", or "scalar" for 0 dimensions, to `text`, which has CD_SHAPE_TEXT bytes, and
 * returns `text`. */
CD_API char *cd_shape_text(cd_shape shape, char *text);

CD_END_DECLS

#endif
