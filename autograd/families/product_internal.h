/* What products of matrices share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_PRODUCT_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_PRODUCT_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "autograd/product_ops.h"
#include "core/cpu/gemm_internal.h"

/* Whether a and b, vectors, matrices or batches of matrices, can be multiplied: their inner sizes
 * are equal and they have one dtype, not bool. False with an error that begins with `what`. */
bool cd_check_product(const char *what, const cd_tensor *a, const cd_tensor *b);

/* For mm and addmm, whose matrices a (N x K) and b (K x M) are the inputs `first` and `first` + 1,
 * and whose attributes are a cd_product_attributes. */

/* Notes in the attributes which of them are stored by columns. */
void cd_infer_by_columns(cd_call *call, const cd_tensor *a, const cd_tensor *b);
/* The output is N x M and has the dtype of a. False with an error where a and b, which both have 2
 * dimensions, do not fit. */
static inline bool cd_infer_mm(cd_call *call, int first)
{
    const cd_tensor *a = call->in[first].tensor, *b = call->in[first + 1].tensor;
    if (!cd_check_product(call->name, a, b)) return false;
    cd_infer_by_columns(call, a, b);
    call->need[first].order = call->need[first + 1].order = CD_MATRICES;
    call->out[0].dtype = a->dtype;
    call->out[0].shape = CD_SHAPE(a->shape.dim[0], b->shape.dim[1]);
    return true;
}
/* The slots in which a is saved for the gradient of b, and b for that of a. */
enum { CD_MM_SAVED_A, CD_MM_SAVED_B };
/* da = dy b^T, db = a^T dy. The gradient of a matrix that is stored by columns, as a transposed
 * parameter is, is stored by columns too: so the transpose that brings it back to the parameter
 * needs no copy. */
void cd_mm_backward(cd_node *node, cd_tensor *dy, cd_tensor **dx, int first);

/* For bmm and baddbmm, whose batches of matrices a (B x N x K) and b (B x K x M) are the inputs
 * `first` and `first` + 1: the output is B x N x M and has their dtype. False with an error. */
bool cd_infer_products(cd_call *call, int first);
/* For their run: y[i] = alpha a[i] b[i] + beta y[i]. With a beta of 0 y is not read. */
void cd_run_products(const cd_array *a, const cd_array *b, const cd_array *y, double alpha,
                     double beta);

/* For addmm and baddbmm, whose input 0 is the bias, and input 1 a factor of the product: whether
 * the bias can be added to a product of this shape. False with an error. */
bool cd_check_bias(const cd_call *call, const cd_shape *product);
/* The same without a look at dtypes. */
bool cd_check_bias_shape(const cd_call *call, const cd_shape *product);
/* Whether the option, .beta or .alpha, fits the dtype of output 0; of integers it becomes whole.
 * False with an error. */
bool cd_check_product_factor(const cd_call *call, const char *name, double *value);

/* For the ops with a cd_weighted_attributes, whose inputs are the bias and two factors. */
extern const cd_field cd_weighted_fields[];
cd_weighted_attributes cd_weighted_attributes_of(const cd_addmm_options *options);
/* Ends their infer, when output 0 has the dtype and shape of the product: checks the bias, beta and
 * alpha. False with an error. */
bool cd_infer_weighted(cd_call *call);

/* The leading dimension of a matrix that infer asked for in order CD_MATRICES: the distance from
 * one stored row to the next, in elements. Sets whether the stored matrix is the transpose. */
int64_t cd_matrix_leading(const cd_layout *layout, bool *transposed);
/* Sets up the kernel's call for y = a b, of the last two dimensions: a is m x k, b k x n, y m x n.
 * infer must have asked for a and b in order CD_MATRICES; y is contiguous. */
void cd_product_of(const cd_array *a, const cd_array *b, const cd_array *y, cd_gemm_call *product);
/* For mv and addmv, whose matrix and vector are the inputs `first` and `first` + 1: the output is a
 * vector of their dtype. False with an error. */
bool cd_infer_mv(cd_call *call, int first);
/* Sets up the kernel's call for y = a v. */
void cd_product_with_vector(const cd_array *a, const cd_array *v, const cd_array *y,
                            cd_gemm_call *product);
/* The leading dimension of a vector as a matrix of one column; asked for in order CD_COLUMN. */
static inline int64_t cd_column_leading(const cd_array *a)
{
    return a->layout->numel > 1 ? a->layout->stride[0] : 1;
}

/* For dot and vdot, whose inputs are two vectors: the slots in which a is saved for the gradient of
 * b, and b for that of a; infer, run and backward. */
enum { CD_DOT_SAVED_A, CD_DOT_SAVED_B };
#define CD_DOT_SAVES                                                                               \
    {                                                                                              \
        [CD_DOT_SAVED_A] = { CD_INPUT, 0, CD_SET(1) }, [CD_DOT_SAVED_B] = {                        \
            CD_INPUT,                                                                              \
            1,                                                                                     \
            CD_SET(0)                                                                              \
        }                                                                                          \
    }
bool cd_infer_dot(cd_call *call);
void cd_run_dot(const cd_launch *launch);
void cd_dot_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* Whether `dims` has one dimension, or none, for the default. False with an error. */
bool cd_check_one_dim(const char *name, const cd_dims *dims);

#endif
