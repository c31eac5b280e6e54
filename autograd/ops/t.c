/* autograd/ops/t.c
 *
 *   y = x transposed          dx = dy transposed
 *
 * A view of a matrix; 0-d and 1-D tensors stay as they are. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_t(dy[0]);
}

cd_tensor *cd_t(cd_tensor *x)
{
    if (!cd_check_tensor(x, "t", "input")) return NULL;
    if (x->shape.ndim > 2) {
        char text[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_SHAPE,
                      "t: the tensor has shape %s, and only up to 2 dimensions can be "
                      "exchanged without naming them: use cd_transpose",
                      cd_shape_text(x->shape, text));
        return NULL;
    }
    return cd_op_exchange(&cd_op_t, x, 0, x->shape.ndim == 2 ? 1 : 0);
}

const cd_op cd_op_t = {
    .name = "t",
    .grad_fn = "TBackward0",
    .like = "torch.t(x)",
    .formula = "y = x transposed; a view",
    .gradient = "dx = dy transposed",
    .dtypes = "all",
    .backward = backward,
};
