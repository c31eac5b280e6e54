/* autograd/ops/relu.c
 *
 *   y = max(x, 0)          dx = dy where y > 0, else 0
 *
 * NaN passes, and so does the gradient there; -0 stays. Not bool. Saves y. */
#include "autograd/op_internal.h"

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* dx = 0 where y <= 0, else dy, in one pass. */
static const cd_op relu_backward_op = {
    .name = "relu_backward",
    .grad_fn = "ThresholdBackwardBackward0",
    .formula = "dx = 0 where y <= 0, else dy",
    .gradient = "ddy = 0 where y <= 0, else ddx; none for y",
    .dtypes = "floating",
    .backward = backward_backward,
};

static cd_tensor *relu_backward(cd_tensor *dy, cd_tensor *y)
{
    return cd_op_binary(&relu_backward_op, CD_MAP_relu_backward, cd_operand_tensor(dy),
                        cd_operand_tensor(y), CD_SAVES_SECOND);
}

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_operand(node, 1).tensor;
    if (cd_wanted(node, 0)) dx[0] = relu_backward(dy[0], y);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = relu_backward(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_relu(cd_tensor *x)
{
    return cd_op_unary(&cd_op_relu, CD_MAP_relu, x, CD_SAVES_OUTPUT);
}

cd_tensor *cd_relu_(cd_tensor *x)
{
    return cd_op_unary_in_place(&cd_op_relu, CD_MAP_relu, x, CD_SAVES_OUTPUT);
}

const cd_op cd_op_relu = {
    .name = "relu",
    .grad_fn = "ReluBackward0",
    .like = "torch.relu(x)",
    .formula = "y = max(x, 0)",
    .gradient = "dx = dy where y > 0, else 0",
    .dtypes = "all but bool",
    .backward = backward,
};
