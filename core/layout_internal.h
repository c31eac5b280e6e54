/* A layout: dtype, shape, strides and offset, which tell how a tensor's elements lie in its
 * storage. Kernels get layouts instead of tensors. C++ can include this file too. */
#ifndef CANDELA_CORE_LAYOUT_INTERNAL_H
#define CANDELA_CORE_LAYOUT_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* The members of cd_layout. cd_tensor has them as members of its own too, so code can say
 * x->shape. */
#define CD_LAYOUT_MEMBERS                                                                          \
    cd_dtype dtype;                                                                                \
    bool contiguous; /* the elements lie row by row, without gaps */                               \
    int64_t numel;                                                                                 \
    int64_t offset; /* of the first element from the start of the storage, in elements */          \
    cd_shape shape;                                                                                \
    int64_t stride[CD_MAX_DIMS]; /* in elements, never negative */

CD_BEGIN_DECLS

typedef struct cd_layout {
    CD_LAYOUT_MEMBERS
} cd_layout;

/* The offset just behind the element that lies last in memory, so that the layout's elements are in
 * [offset, end). Equal to the offset if there are no elements. */
int64_t cd_layout_end(const cd_layout *layout);
/* The layout of a new tensor: contiguous, offset 0. If the number of elements overflows, numel is
 * INT64_MAX, for which an allocation fails. */
cd_layout cd_layout_row_major(cd_dtype dtype, cd_shape shape);

/* Whether both have the same shape and the same strides; dtypes and offsets may differ. */
bool cd_layout_same_shape_and_strides(const cd_layout *a, const cd_layout *b);

/* Whether the last two dimensions are a matrix that the product kernels can read without a copy:
 * row-major, or the transpose of a row-major matrix, possibly with gaps between the stored rows.
 * Sets *leading to the distance between the starts of two stored rows, in elements (BLAS's leading
 * dimension), and *transposed. */
bool cd_layout_matrix_form(const cd_layout *layout, int64_t *leading, bool *transposed);
/* As cd_layout_matrix_form, for callers that need only the answer. */
static inline bool cd_layout_is_matrix(const cd_layout *layout)
{
    int64_t leading;
    bool transposed;
    return cd_layout_matrix_form(layout, &leading, &transposed);
}

CD_END_DECLS

#endif
