/* What products of matrices share. */
#ifndef CANDELA_AUTOGRAD_OP_PRODUCT_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_PRODUCT_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "core/cpu/gemm_internal.h"

/* mat1 and mat2 have these numbers of dimensions (1, 2, 3), one dtype that can be multiplied, and
 * fit each other; the sentence begins with `what`. */
bool cd_check_product(const char *what, const cd_tensor *a, const cd_tensor *b);

/* For mm and addmm: notes in the attributes, a cd_product_attributes, how a and b lie. The gradient
 * of one whose columns follow each other in memory is made so too, and the transpose that brings it
 * back to a parameter costs nothing. */
void cd_infer_by_columns(cd_call *call, const cd_tensor *a, const cd_tensor *b);
/* Gradients of the product y = a b, laid out by columns if so asked: dy b^T and a^T dy. */
cd_tensor *cd_mm_grad_a(cd_tensor *dy, cd_tensor *b, bool by_columns);
cd_tensor *cd_mm_grad_b(cd_tensor *dy, cd_tensor *a, bool by_columns);

/* Of the last two dimensions of what was asked for in order CD_MATRICES: from one stored row to the
 * next, in elements, and whether it is the transpose that is stored. */
int64_t cd_matrix_leading(const cd_layout *layout, bool *transposed);
/* y = a b, of the last two dimensions: a is m x k, b k x n, y m x n. a and b were asked for in
 * order CD_MATRICES, y is contiguous. */
void cd_product_of(const cd_argument *a, const cd_argument *b, const cd_argument *y,
                   cd_gemm_call *product);
/* The same of a vector asked for in order CD_COLUMN, as a matrix of one column. */
static inline int64_t cd_column_leading(const cd_argument *a)
{
    return a->layout->numel > 1 ? a->layout->stride[0] : 1;
}

#endif
