/* Operations that only rules and other operations call, and what several of them share. */
#ifndef CANDELA_AUTOGRAD_OPS_INTERNAL_H
#define CANDELA_AUTOGRAD_OPS_INTERNAL_H

#include "autograd/op/product_internal.h"
#include "autograd/op_internal.h"

/* --- shapes ----------------------------------------------------------------------------------- */

/* The shape that `shape`, which may have one -1, means for x's elements; `what` names the caller in
 * the sentence when it means none. */
bool cd_infer_shape(const char *what, const cd_tensor *x, cd_shape shape, cd_shape *out);
/* The strides by which x's memory, as it lies, is of this shape (of as many elements); false where
 * elements would have to move. */
bool cd_view_strides(const cd_tensor *x, cd_shape shape, int64_t *stride);
/* The shape of a node's input k. */
static inline cd_shape cd_input_shape(const cd_node *node, int k)
{
    return node->input[k].shape;
}

/* Copies `from` into the places of `to` that begin `offset` elements in and have these strides, one
 * for each dimension of `from`; converts the dtype. For a part of an output. */
void cd_copy_into(cd_tensor *to, const int64_t *stride, int64_t offset, const cd_tensor *from);

/* cat and stack: there is an array, and a tensor in it; the dtype that all of them meet in. */
bool cd_check_tensors(const char *what, cd_tensors tensors);
cd_dtype cd_tensors_type(cd_tensors tensors);

/* Where the elements of a tensor lie in its storage. */
typedef struct cd_places {
    cd_shape shape;
    int64_t stride[CD_MAX_DIMS];
    int64_t offset;
} cd_places;

cd_places cd_layout_of(const cd_tensor *t);
/* The place after the last element; the offset where there is none. */
int64_t cd_layout_end(const cd_places *layout);
/* Too large for a node's parameters, layouts are saved for backward as a tensor of bytes: a new
 * one, whose owner is the caller; saved by an op; and given back to its rule. */
cd_tensor *cd_layouts_new(const char *what, const cd_places *layout, int count);
void cd_op_save_layouts(cd_old_call *call, const cd_places *layout, int count);
bool cd_saved_layouts(cd_node *node, int k, cd_places *layout, int count);

/* --- functions made of several ops ------------------------------------------------------------ */

/* Ends the scope that the function opened; what was made on the way goes, the result stays. */
static inline cd_tensor *cd_ops_end(cd_scope scope, cd_tensor *result)
{
    if (scope.depth < 0) return NULL; /* it could not be opened, for want of memory */
    result = cd_escape(result);
    (void)cd_scope_end(scope);
    return result;
}

/* A gradient has the shape of what it is the gradient of; the call fails where it has not. */
bool cd_op_fits(cd_old_call *call, const cd_tensor *dy, cd_shape right);

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
cd_tensor *cd_as_strided_backward(cd_tensor *dy, int64_t n, const cd_places *at);

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
