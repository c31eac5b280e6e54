/* autograd/ops/unsafe_view.c
 *
 *   y = x's elements, row by row, in another shape          dx = dy in x's shape
 *
 * As view, but x is contiguous and the caller gives its only handle to it up, so y may be changed
 * in place: what was folded to a matrix for a product gets its shape back. Saves nothing. */
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_reshape(dy[0], cd_input_shape(node, 0));
}

cd_tensor *cd_unsafe_view(cd_tensor *x, cd_shape shape)
{
    cd_old_call call;
    int64_t stride[CD_MAX_DIMS];
    if (!cd_op_begin(&call, &cd_op_unsafe_view, x)) return NULL;
    if (!cd_infer_shape("unsafe_view", x, shape, &shape)) return NULL;
    if (!cd_view_strides(x, shape, stride)) {
        char text[CD_SHAPE_TEXT];
        (void)cd_op_fail(&call, CD_ERR_SHAPE,
                         "the elements of this %s view do not lie one after the other: it is not "
                         "contiguous",
                         cd_shape_text(x->shape, text));
        return cd_op_end(&call);
    }
    cd_tensor *y = cd_op_output_view(&call, x, shape, stride, x->offset);
    if (y) cd_view_forget(y);
    return cd_op_end(&call);
}

const cd_op cd_op_unsafe_view = {
    .name = "unsafe_view",
    .grad_fn = "UnsafeViewBackward0",
    .like = "torch.ops.aten._unsafe_view(x, shape)",
    .formula = "y = x in another shape, x given up",
    .gradient = "dx = dy in x's shape",
    .dtypes = "all",
    .contiguous_only = "elements would have to move",
    .backward = backward,
};
