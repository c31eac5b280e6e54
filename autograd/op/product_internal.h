/* What products of matrices share. */
#ifndef CANDELA_AUTOGRAD_OP_PRODUCT_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_PRODUCT_INTERNAL_H

#include "autograd/op/call_internal.h"

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

/* As gemm takes them: row-major, or the transpose of what is stored row-major. */
typedef struct cd_matrix {
    const char *data;
    int64_t leading;     /* elements from the start of one stored row to the next */
    int64_t batch_bytes; /* from one matrix of a batch to the next */
    bool transposed;
} cd_matrix;

/* The last two dimensions of what was asked for in order CD_MATRICES, and a vector asked for in
 * order CD_COLUMN as a matrix of one column. */
cd_matrix cd_matrix_of(const cd_argument *a);
cd_matrix cd_column_of(const cd_argument *a);
/* y = a b + beta y; a is m x k, b k x n, and y contiguous. */
typedef struct cd_product {
    int64_t m, n, k;
    cd_matrix a, b;
    double beta;
} cd_product;
void cd_run_product(const cd_product *product, const cd_argument *y);

#endif
