/* autograd/ops/tanh.c
 *
 *   y = tanh(x)          dx = dy * (1 - y^2)
 *
 * Integers become float32. Saves y. */
#include "autograd/op_internal.h"

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* dx = dy * (1 - y^2), in one pass. */
static const cd_op tanh_backward_op = {
    .name = "tanh_backward",
    .grad_fn = "TanhBackwardBackward0",
    .formula = "dx = dy * (1 - y^2)",
    .gradient = "ddy = ddx * (1 - y^2), dy = -2 * ddx * dy * y",
    .dtypes = "floating",
    .backward = backward_backward,
};

static cd_tensor *tanh_backward(cd_tensor *dy, cd_tensor *y)
{
    return cd_op_binary(&tanh_backward_op, CD_MAP_tanh_backward, cd_operand_tensor(dy),
                        cd_operand_tensor(y), CD_SAVES_SECOND);
}

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_operand(node, 1).tensor;
    if (cd_wanted(node, 0)) dx[0] = tanh_backward(dy[0], y);
    if (cd_wanted(node, 1)) {
        cd_tensor *before = cd_saved_operand(node, 0).tensor;
        dx[1] = cd_mul(cd_mul(dy[0], before), cd_mul(y, -2));
    }
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = tanh_backward(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_tanh(cd_tensor *x)
{
    return cd_op_unary_floating(&cd_op_tanh, CD_MAP_tanh, x, CD_SAVES_OUTPUT);
}

cd_tensor *cd_tanh_(cd_tensor *x)
{
    return cd_op_unary_floating_in_place(&cd_op_tanh, CD_MAP_tanh, x, CD_SAVES_OUTPUT);
}

const cd_op cd_op_tanh = {
    .name = "tanh",
    .grad_fn = "TanhBackward0",
    .like = "torch.tanh(x)",
    .formula = "y = tanh(x)",
    .gradient = "dx = dy * (1 - y^2)",
    .dtypes = "floating; others become float32",
    .backward = backward,
};
