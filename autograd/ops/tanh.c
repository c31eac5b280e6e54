/* autograd/ops/tanh.c
 *
 *   y = tanh(x)          dx = dy * (1 - y^2)
 *
 * Integers become float32. Saves y. */
#include "autograd/op/call_internal.h"

/* Of the gradient, which is an op of two inputs itself. */
enum { DY, Y };
enum { SAVED_DY, SAVED_Y };

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* dx = dy * (1 - y^2), in one pass. */
const cd_op cd_op_tanh_backward = {
    .name = "tanh_backward",
    .grad_fn = "TanhBackwardBackward0",
    .formula = "dx = dy * (1 - y^2)",
    .gradient = "ddy = ddx * (1 - y^2), dy = -2 * ddx * dy * y",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "y" },
    .elementwise = CD_SAME,
    .takes = CD_FLOATS,
    .map = CD_MAP_tanh_backward,
    .save = { [SAVED_DY] = { CD_INPUT, DY, CD_SET(Y) }, [SAVED_Y] = { CD_INPUT, Y } },
    .backward = backward_backward,
};

static cd_tensor *tanh_backward(cd_tensor *dy, cd_tensor *y)
{
    return cd_op_apply(&cd_op_tanh_backward, dy, y);
}

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    if (cd_wanted(node, DY)) dx[DY] = tanh_backward(dy[0], y);
    if (cd_wanted(node, Y)) {
        cd_tensor *before = cd_saved_value(node, SAVED_DY);
        dx[Y] = cd_mul(cd_mul(dy[0], before), cd_mul(y, -2));
    }
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = tanh_backward(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_tanh(cd_tensor *x)
{
    return cd_op_apply(&cd_op_tanh, x);
}

cd_tensor *cd_tanh_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_tanh, x);
}

const cd_op cd_op_tanh = {
    .name = "tanh",
    .grad_fn = "TanhBackward0",
    .like = "torch.tanh(x)",
    .formula = "y = tanh(x)",
    .gradient = "dx = dy * (1 - y^2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_tanh,
    .save = { { CD_OUTPUT, 0 } },
    .backward = backward,
};
