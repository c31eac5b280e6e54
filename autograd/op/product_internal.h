/* What products of matrices share. */
#ifndef CANDELA_AUTOGRAD_OP_PRODUCT_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_PRODUCT_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "core/cpu/gemm_internal.h"

/* Whether a and b, vectors, matrices or batches of matrices, can be multiplied: their inner sizes
 * are equal and they have one dtype, not bool. False with an error that begins with `what`. */
bool cd_check_product(const char *what, const cd_tensor *a, const cd_tensor *b);

/* For mm and addmm: notes in the attributes, a cd_product_attributes, how a and b lie. The gradient
 * of one whose columns follow each other in memory is made so too, and the transpose that brings it
 * back to a parameter costs nothing. */
void cd_infer_by_columns(cd_call *call, const cd_tensor *a, const cd_tensor *b);
/* Gradients of the product y = a b, laid out by columns if so asked: dy b^T and a^T dy. */
cd_tensor *cd_mm_grad_a(cd_tensor *dy, cd_tensor *b, bool by_columns);
cd_tensor *cd_mm_grad_b(cd_tensor *dy, cd_tensor *a, bool by_columns);

/* The leading dimension of a matrix that infer asked for in order CD_MATRICES: the distance from
 * one stored row to the next, in elements. Sets whether the stored matrix is the transpose. */
int64_t cd_matrix_leading(const cd_layout *layout, bool *transposed);
/* Sets up the kernel's call for y = a b, of the last two dimensions: a is m x k, b k x n, y m x n.
 * infer must have asked for a and b in order CD_MATRICES; y is contiguous. */
void cd_product_of(const cd_argument *a, const cd_argument *b, const cd_argument *y,
                   cd_gemm_call *product);
/* The leading dimension of a vector as a matrix of one column; asked for in order CD_COLUMN. */
static inline int64_t cd_column_leading(const cd_argument *a)
{
    return a->layout->numel > 1 ? a->layout->stride[0] : 1;
}

#endif
