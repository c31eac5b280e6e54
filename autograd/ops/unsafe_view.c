/* unsafe_view: as view, for a contiguous x to which the caller has the only handle and gives it up.
 * So y does not count as a view, and may be changed in place.
 *
 * Saves nothing. Products that were folded to a matrix get their shape back by it. */
#include "autograd/ops_internal.h"

static void unsafe_view_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_reshape(dy[0], node->input[0].shape);
}

static bool unsafe_view_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    cd_shape_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_infer_shape(call->name, x, &a->shape)) return false;
    return cd_infer_view(call, &a->shape) ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "the elements of this %s view do not lie one after the other: it is not "
                     "contiguous",
                     cd_sizes_text(&x->shape, text));
}

cd_tensor *cd_unsafe_view(cd_tensor *x, cd_shape shape)
{
    cd_shape_attributes a = { shape };
    cd_tensor *y = cd_op_with(&cd_op_unsafe_view, &a, x);
    if (y) cd_view_forget(y);
    return y;
}

const cd_op cd_op_unsafe_view = {
    .name = "unsafe_view",
    .grad_fn = "UnsafeViewBackward0",
    .like = "torch.ops.aten._unsafe_view(x, shape)",
    .formula = "y = x in another shape; the caller gives x up",
    .gradient = "dx = dy in x's shape",
    .dtypes = "all",
    .contiguous_only = "elements would have to move",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_shape_attributes, cd_shape_fields),
    .infer = unsafe_view_infer,
    .backward = unsafe_view_backward,
};
