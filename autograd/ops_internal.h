/* Ops that only backward rules and other ops call, and what ops made of several others share. */
#ifndef CANDELA_AUTOGRAD_OPS_INTERNAL_H
#define CANDELA_AUTOGRAD_OPS_INTERNAL_H

#include "autograd/op/product_internal.h"
#include "autograd/op/call_internal.h"

/* --- shapes ----------------------------------------------------------------------------------- */

/* Replaces a -1 in the shape by the size that follows from the others and from x's number of
 * elements. False, with an error that begins with `what`, when the shape has another number of
 * elements. */
bool cd_infer_shape(const char *what, const cd_tensor *x, cd_shape *shape);
/* Sets the strides of a view of x in this shape, which has as many elements as x. False, without an
 * error, when no strides show the elements so. */
bool cd_view_strides(const cd_tensor *x, const cd_shape *shape, int64_t *stride);
/* cd_as_strided of x with the shape and the strides of a layout, and this offset. */
cd_tensor *cd_as_layout(cd_tensor *x, const cd_layout *layout, int64_t offset);

/* --- functions made of several ops ------------------------------------------------------------ */

/* Ends the scope that the function opened: intermediate tensors are freed, and the result is handed
 * to the caller's scope. */
static inline cd_tensor *cd_ops_end(cd_scope scope, cd_tensor *result)
{
    if (scope.depth < 0) return NULL; /* cd_scope_begin failed */
    result = cd_escape(result);
    (void)cd_scope_end(scope);
    return result;
}

/* cd_reshape for another function, with whose name errors begin. */
cd_tensor *cd_reshape_for(const char *what, cd_tensor *x, cd_shape shape);
/* cd_select for another function, with whose name errors begin. */
cd_tensor *cd_select_for(const char *what, cd_tensor *x, int dim, int64_t index);
/* Whether x has this dimension, of which a part is to be taken; sets *plain to its number, counted
 * from the front. False with an error. */
bool cd_check_part(const char *what, const cd_tensor *x, int dim, int *plain);

/* --- gradients of views ----------------------------------------------------------------------- */

/* Zeros of this shape, with dy in the part that cd_slice(..., dim, from, to, step) shows. from and
 * to must be within the size already. */
cd_tensor *cd_slice_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t from, int64_t to,
                             int64_t step);
/* Zeros of this shape, with dy at `index` of dim; both count from the front. */
cd_tensor *cd_select_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t index);
/* A vector of n zeros, to which each element of dy, which has the layout's shape, is added at the
 * place that the layout gives it. */
cd_tensor *cd_as_strided_backward(cd_tensor *dy, int64_t n, const cd_layout *at);

/* --- powers ----------------------------------------------------------------------------------- */

/* cd_pow and cd_pow_ with a tensor as the exponent. */
cd_tensor *cd_op_pow_of(cd_operand a, cd_operand b);
cd_tensor *cd_op_pow_by_(cd_tensor *x, cd_operand b);

/* --- batch normalisation ---------------------------------------------------------------------- */

/* cd_batch_norm that in training also adds 1 to num_batches_tracked, unless that is NULL. */
cd_tensor *cd_batch_norm_counted(cd_batch_norm_options options, cd_tensor *num_batches_tracked);

/* --- products --------------------------------------------------------------------------------- */

/* cd_view of a tensor that nobody else has a handle to, so that the result does not count as a
 * view: the last step of a product that was computed as one of two matrices. */
cd_tensor *cd_unsafe_view(cd_tensor *x, cd_shape shape);
/* cd_squeeze of such a tensor. */
cd_tensor *cd_squeeze_product(cd_tensor *x, int dim);

#endif
