/* t: a matrix transposed, as a view; 0-d and 1-D tensors stay as they are. Saves nothing. */
#include "autograd/families/view_in_place_internal.h"

static void t_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_t(dy[0]);
}

static bool t_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_shape shape = call->in[0].tensor->shape;
    if (shape.ndim > 2) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the tensor has shape %s, and only up to 2 dimensions can be exchanged "
                         "without naming them: use cd_transpose",
                         cd_sizes_text(&shape, text));
    }
    cd_infer_exchange(call, 0, shape.ndim == 2 ? 1 : 0);
    return true;
}

cd_tensor *cd_t(cd_tensor *x)
{
    return cd_op_apply(&cd_op_t, x);
}

cd_tensor *cd_t_(cd_tensor *x)
{
    return cd_view_in_place(&cd_op_t, "t_", NULL, x);
}

const cd_op cd_op_t = {
    .name = "t",
    .grad_fn = "TBackward0",
    .in_place_grad_fn = "TBackward1",
    .like = "torch.t(x)",
    .formula = "y = x transposed; a view",
    .gradient = "dx = dy transposed",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    .infer = t_infer,
    .backward = t_backward,
};
