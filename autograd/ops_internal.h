/* Operations that only rules and other operations call, and what several of them share. */
#ifndef CANDELA_AUTOGRAD_OPS_INTERNAL_H
#define CANDELA_AUTOGRAD_OPS_INTERNAL_H

#include "autograd/op/product_internal.h"
#include "autograd/op/call_internal.h"

/* --- shapes ----------------------------------------------------------------------------------- */

/* Replaces the -1 that the shape may have by the size that it means for x's elements. False with an
 * error, which begins with `what`, when the shape does not hold them. */
bool cd_infer_shape(const char *what, const cd_tensor *x, cd_shape *shape);
/* The strides by which x's memory, as it lies, is of this shape (of as many elements); false where
 * elements would have to move. */
bool cd_view_strides(const cd_tensor *x, const cd_shape *shape, int64_t *stride);
/* x's storage seen by the strides of a layout, from this offset on: cd_as_strided. */
cd_tensor *cd_as_layout(cd_tensor *x, const cd_layout *layout, int64_t offset);

/* --- functions made of several ops ------------------------------------------------------------ */

/* Ends the scope that the function opened; what was made on the way goes, the result stays. */
static inline cd_tensor *cd_ops_end(cd_scope scope, cd_tensor *result)
{
    if (scope.depth < 0) return NULL; /* it could not be opened, for want of memory */
    result = cd_escape(result);
    (void)cd_scope_end(scope);
    return result;
}

/* cd_reshape and cd_select, whose sentences begin with the name of who asks. */
cd_tensor *cd_reshape_for(const char *what, cd_tensor *x, cd_shape shape);
cd_tensor *cd_select_for(const char *what, cd_tensor *x, int dim, int64_t index);
/* x has this dimension to take a part of. */
bool cd_check_part(const char *what, const cd_tensor *x, int dim, int *plain);

/* --- the reverse of views --------------------------------------------------------------------- */

/* Zeros of this shape, with dy where cd_slice(..., dim, from, to, step) would look (from and to
 * clipped already). */
cd_tensor *cd_slice_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t from, int64_t to,
                             int64_t step);
/* Zeros of this shape, with dy at `index` of dim (both plain). */
cd_tensor *cd_select_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t index);
/* n zeros, with dy, which has the layout's shape, added in its places. */
cd_tensor *cd_as_strided_backward(cd_tensor *dy, int64_t n, const cd_layout *at);

/* --- powers ----------------------------------------------------------------------------------- */

/* cd_pow and cd_pow_ with a tensor as the exponent. */
cd_tensor *cd_op_pow_of(cd_operand a, cd_operand b);
cd_tensor *cd_op_pow_by_(cd_tensor *x, cd_operand b);

/* --- batch normalisation ---------------------------------------------------------------------- */

/* cd_batch_norm, which in training adds 1 to num_batches_tracked too; NULL for none. */
cd_tensor *cd_batch_norm_counted(cd_batch_norm_options options, cd_tensor *num_batches_tracked);

/* --- products --------------------------------------------------------------------------------- */

/* A view of what nobody else has a handle to: the last step of a product folded to a matrix. */
cd_tensor *cd_unsafe_view(cd_tensor *x, cd_shape shape);
/* cd_squeeze of such a one. */
cd_tensor *cd_squeeze_product(cd_tensor *x, int dim);

#endif
