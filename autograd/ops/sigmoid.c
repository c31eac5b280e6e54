/* autograd/ops/sigmoid.c
 *
 *   y = 1 / (1 + exp(-x))          dx = dy * y * (1 - y)
 *
 * Integers become float32. Saves y. */
#include "autograd/op_internal.h"

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* dx = dy * y * (1 - y), in one pass. */
static const cd_op sigmoid_backward_op = {
    .name = "sigmoid_backward",
    .grad_fn = "SigmoidBackwardBackward0",
    .formula = "dx = dy * y * (1 - y)",
    .gradient = "ddy = ddx * y * (1 - y), dy = ddx * dy * (1 - 2 y)",
    .dtypes = "floating",
    .backward = backward_backward,
};

static cd_tensor *sigmoid_backward(cd_tensor *dy, cd_tensor *y)
{
    return cd_op_binary(&sigmoid_backward_op, CD_MAP_sigmoid_backward, cd_operand_tensor(dy),
                        cd_operand_tensor(y), CD_SAVES_SECOND);
}

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_operand(node, 1).tensor;
    if (cd_wanted(node, 0)) dx[0] = sigmoid_backward(dy[0], y);
    if (cd_wanted(node, 1)) {
        cd_tensor *before = cd_saved_operand(node, 0).tensor;
        dx[1] = cd_mul(cd_mul(dy[0], before), cd_sub(1, cd_mul(y, 2)));
    }
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = sigmoid_backward(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_sigmoid(cd_tensor *x)
{
    return cd_op_unary_floating(&cd_op_sigmoid, CD_MAP_sigmoid, x, CD_SAVES_OUTPUT);
}

cd_tensor *cd_sigmoid_(cd_tensor *x)
{
    return cd_op_unary_floating_in_place(&cd_op_sigmoid, CD_MAP_sigmoid, x, CD_SAVES_OUTPUT);
}

const cd_op cd_op_sigmoid = {
    .name = "sigmoid",
    .grad_fn = "SigmoidBackward0",
    .like = "torch.sigmoid(x)",
    .formula = "y = 1 / (1 + exp(-x))",
    .gradient = "dx = dy * y * (1 - y)",
    .dtypes = "floating; others become float32",
    .backward = backward,
};
