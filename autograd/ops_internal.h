/* Functions that call ops which only other ops and backward functions use, and what several op
 * files share. */
#ifndef CANDELA_AUTOGRAD_OPS_INTERNAL_H
#define CANDELA_AUTOGRAD_OPS_INTERNAL_H

#include <math.h>

#include "autograd/families/product_internal.h"
#include "autograd/layer_ops.h"
#include "autograd/conv_ops.h"
#include "autograd/loss_ops.h"
#include "autograd/math.h"
#include "autograd/dispatch/call_internal.h"
#include "autograd/index_ops.h"
#include "autograd/order_ops.h"
#include "autograd/resample_ops.h"
#include "autograd/shape_ops.h"
#include "autograd/stats_ops.h"

/* --- shapes ----------------------------------------------------------------------------------- */

/* Replaces a -1 in the shape by the size that is left for x's elements. False with an error, which
 * begins with `what`, when the shape does not hold exactly these elements. */
bool cd_infer_shape(const char *what, const cd_tensor *x, cd_shape *shape);
/* The strides of a view of x by this shape, of as many elements. False, without an error, where
 * elements would have to move for it. */
bool cd_view_strides(const cd_tensor *x, const cd_shape *shape, int64_t *stride);
/* cd_as_strided by the shape and strides of a layout, and this offset; NULL for an x of NULL. */
cd_tensor *cd_as_layout(cd_tensor *x, const cd_layout *layout, int64_t offset);

/* --- options ---------------------------------------------------------------------------------- */

/* The value of an option of which 0 means the default, and CD_ZERO (minus zero) means 0. */
static inline double cd_option_or(double given, double standard)
{
    return given != 0 ? given : signbit(given) ? 0 : standard;
}

/* --- functions made of several ops ------------------------------------------------------------ */

/* Ends the scope that the function opened: releases all that was made in it but the result, which
 * it hands to the caller's scope. */
static inline cd_tensor *cd_ops_end(cd_scope scope, cd_tensor *result)
{
    if (scope.depth < 0) return NULL; /* it could not be opened, for want of memory */
    result = cd_escape(result);
    (void)cd_scope_end(scope);
    return result;
}

/* cd_view of an x that is not contiguous, in cd_reshape: its node has another name. */
cd_tensor *cd_reshape_alias(cd_tensor *x, cd_shape shape);
/* cd_reshape, with `what` at the beginning of its error sentences. */
cd_tensor *cd_reshape_for(const char *what, cd_tensor *x, cd_shape shape);
/* cd_view, with `what` at the beginning of its error sentences. */
cd_tensor *cd_view_for(const char *what, cd_tensor *x, cd_shape shape);
/* cd_select, with `what` at the beginning of its error sentences. */
cd_tensor *cd_select_for(const char *what, cd_tensor *x, int dim, int64_t index);
/* cd_slice, with `what` at the beginning of its error sentences. */
cd_tensor *cd_slice_for(const char *what, cd_tensor *x, int dim, int64_t from, int64_t to,
                        int64_t step);
/* cd_gather, with `what` at the beginning of its error sentences. */
cd_tensor *cd_gather_for(const char *what, cd_tensor *x, int dim, cd_tensor *index);
/* x has dimension dim, of which a part is to be taken; *plain is dim, counted from the front. False
 * with an error, which begins with `what`. */
bool cd_check_part(const char *what, const cd_tensor *x, int dim, int *plain);

/* --- gradients of views, which are ops too ---------------------------------------------------- */

/* Zeros of this shape, with dy at the indices of cd_slice(..., dim, from, to, step). dim, from and
 * to are not negative, and from and to are clipped to the size. */
cd_tensor *cd_slice_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t from, int64_t to,
                             int64_t step);
/* Zeros of this shape, with dy at `index` of dim; neither is negative. */
cd_tensor *cd_select_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t index);
/* A vector of n zeros, with the elements of dy, which has the layout's shape, added at the layout's
 * offset and strides. */
cd_tensor *cd_as_strided_backward(cd_tensor *dy, int64_t n, const cd_layout *at);
/* For the infer of these three: input 0 has the shape of the view; the output has its dtype, and
 * this shape. False with an error. */
bool cd_infer_view_backward(cd_call *call, const cd_shape *view, const cd_shape *shape);

/* --- powers ----------------------------------------------------------------------------------- */

/* cd_pow and cd_pow_ with a tensor as the exponent b. */
cd_tensor *cd_pow_tensor(cd_operand a, cd_operand b);
cd_tensor *cd_pow_tensor_(cd_tensor *x, cd_operand b);

/* --- batch normalisation ---------------------------------------------------------------------- */

/* cd_batch_norm, which in training also adds 1 to num_batches_tracked, 0-d int64, or NULL for none.
 */
cd_tensor *cd_batch_norm_counted(cd_batch_norm_options options, cd_tensor *num_batches_tracked);
/* cd_batch_norm with `name` at the beginning of its error sentences, and with any eps. */
cd_tensor *cd_batch_norm_for(const char *name, cd_batch_norm_options options);

/* --- products --------------------------------------------------------------------------------- */

/* Views of an x that nobody but the caller has, and that the caller gives up, so the result does
 * not count as a view: the last step of a product that was folded to a matrix. */

/* cd_view of it. */
cd_tensor *cd_unsafe_view(cd_tensor *x, cd_shape shape);
/* cd_squeeze of it. */
cd_tensor *cd_squeeze_product(cd_tensor *x, int dim);

#endif
