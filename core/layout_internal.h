/* How the elements of a tensor lie in memory: all of a tensor that is not memory or history. Plain
 * data, which C++ can read too. */
#ifndef CANDELA_CORE_LAYOUT_INTERNAL_H
#define CANDELA_CORE_LAYOUT_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* A tensor has these members itself, so that code may say x->shape. */
#define CD_LAYOUT_MEMBERS                                                                          \
    cd_dtype dtype;                                                                                \
    bool contiguous; /* walking the shape by these strides is walking memory element by element */ \
    int64_t numel;                                                                                 \
    int64_t offset; /* of the first element from the storage's beginning, in elements */           \
    cd_shape shape;                                                                                \
    int64_t stride[CD_MAX_DIMS]; /* in elements, never negative */

CD_BEGIN_DECLS

typedef struct cd_layout {
    CD_LAYOUT_MEMBERS
} cd_layout;

/* The place after the last element; the offset where there is none. */
int64_t cd_layout_end(const cd_layout *layout);
/* That of a new tensor: row by row. Of more elements than can be counted numel is INT64_MAX, for
 * which there is no memory. */
cd_layout cd_layout_row_major(cd_dtype dtype, cd_shape shape);

/* Both have the same sizes, and the same strides for them. */
bool cd_layout_lies_as(const cd_layout *a, const cd_layout *b);

/* The last two dimensions are a matrix as products take it: row-major, or the transpose of what is
 * row-major, rows apart or one after the other. Sets what lies between the beginnings of two stored
 * rows, in elements, and whether it is the transpose. */
bool cd_layout_is_matrix(const cd_layout *layout, int64_t *leading, bool *transposed);
static inline bool cd_layout_of_matrices(const cd_layout *layout)
{
    int64_t leading;
    bool transposed;
    return cd_layout_is_matrix(layout, &leading, &transposed);
}

CD_END_DECLS

#endif
