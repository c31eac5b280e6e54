/* autograd/ops/sigmoid.c
 *
 *   y = 1 / (1 + exp(-x))          dx = dy * y * (1 - y)
 *
 * Integers become float32. Saves y. */
#include "autograd/op/call_internal.h"

/* Of the gradient, which is an op of two inputs itself. */
enum { DY, Y };
enum { SAVED_DY, SAVED_Y };

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* dx = dy * y * (1 - y), in one pass. */
const cd_op cd_op_sigmoid_backward = {
    .name = "sigmoid_backward",
    .grad_fn = "SigmoidBackwardBackward0",
    .formula = "dx = dy * y * (1 - y)",
    .gradient = "ddy = ddx * y * (1 - y), dy = ddx * dy * (1 - 2 y)",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "y" },
    .elementwise = CD_SAME,
    .takes = CD_FLOATS,
    .map = CD_MAP_sigmoid_backward,
    .save = { [SAVED_DY] = { CD_INPUT, DY, CD_SET(Y) }, [SAVED_Y] = { CD_INPUT, Y } },
    .backward = backward_backward,
};

static cd_tensor *sigmoid_backward(cd_tensor *dy, cd_tensor *y)
{
    return cd_op_apply(&cd_op_sigmoid_backward, dy, y);
}

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    if (cd_wanted(node, DY)) dx[DY] = sigmoid_backward(dy[0], y);
    if (cd_wanted(node, Y)) {
        cd_tensor *before = cd_saved_value(node, SAVED_DY);
        dx[Y] = cd_mul(cd_mul(dy[0], before), cd_sub(1, cd_mul(y, 2)));
    }
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = sigmoid_backward(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_sigmoid(cd_tensor *x)
{
    return cd_op_apply(&cd_op_sigmoid, x);
}

cd_tensor *cd_sigmoid_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_sigmoid, x);
}

const cd_op cd_op_sigmoid = {
    .name = "sigmoid",
    .grad_fn = "SigmoidBackward0",
    .like = "torch.sigmoid(x)",
    .formula = "y = 1 / (1 + exp(-x))",
    .gradient = "dx = dy * y * (1 - y)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_sigmoid,
    .save = { { CD_OUTPUT, 0 } },
    .backward = backward,
};
