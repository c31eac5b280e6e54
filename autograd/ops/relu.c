/* relu: the rectified linear unit. NaN stays NaN, and -0 stays -0.
 *
 * Saves y. Kernel: core/cpu/unary.c; that of the gradient, which is an op itself:
 * core/cpu/select.c. */
#include "autograd/dispatch/call_internal.h"

static void relu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_op_apply(&cd_op_relu_backward, dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_relu(cd_tensor *x)
{
    return cd_op_apply(&cd_op_relu, x);
}

cd_tensor *cd_relu_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_relu, x);
}

const cd_op cd_op_relu = {
    .name = "relu",
    .grad_fn = "ReluBackward0",
    .like = "torch.relu(x)",
    .formula = "y = max(x, 0)",
    .gradient = "dx = 0 where y <= 0, else dy",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_relu,
    .save = { { CD_OUTPUT, 0 } },
    .backward = relu_backward,
};

/* --- relu_backward: the gradient, in one pass over dy and y ----------------------------------- */

enum { DY, Y }; /* its inputs */

/* g is the gradient of dx. The gradient of dy is the same op of g; y gets none. */
static void relu_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    cd_tensor *y = cd_saved_value(node, 0);
    if (cd_wanted(node, DY)) grad[DY] = cd_op_apply(&cd_op_relu_backward, g[0], y);
}

const cd_op cd_op_relu_backward = {
    .name = "relu_backward",
    .grad_fn = "ThresholdBackwardBackward0",
    .formula = "dx = 0 where y <= 0, else dy",
    .gradient = "for dy: 0 where y <= 0, else g; none for y",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "y" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_relu_backward,
    .save = { { CD_INPUT, Y } },
    .backward = relu_backward_backward,
};
