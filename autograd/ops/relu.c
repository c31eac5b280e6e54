/* autograd/ops/relu.c
 *
 *   y = max(x, 0)          dx = dy where y > 0, else 0
 *
 * NaN passes, and so does the gradient there; -0 stays. Not bool. Saves y. */
#include "autograd/op/call_internal.h"

/* The inputs of relu_backward, the gradient, which is an op itself. */
enum { DY, Y };

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* dx = 0 where y <= 0, else dy, in one pass. */
const cd_op cd_op_relu_backward = {
    .name = "relu_backward",
    .grad_fn = "ThresholdBackwardBackward0",
    .formula = "dx = 0 where y <= 0, else dy",
    .gradient = "ddy = 0 where y <= 0, else ddx; none for y",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "y" },
    .elementwise = CD_SAME,
    .takes = CD_FLOATS,
    .map = CD_MAP_relu_backward,
    .save = { { CD_INPUT, Y } },
    .backward = backward_backward,
};

static cd_tensor *relu_backward(cd_tensor *dy, cd_tensor *y)
{
    return cd_op_apply(&cd_op_relu_backward, dy, y);
}

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, 0);
    if (cd_wanted(node, DY)) dx[DY] = relu_backward(dy[0], y);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = relu_backward(dy[0], cd_saved_value(node, 0));
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
    .gradient = "dx = dy where y > 0, else 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .takes = CD_NUMBERS,
    .map = CD_MAP_relu,
    .save = { { CD_OUTPUT, 0 } },
    .backward = backward,
};
