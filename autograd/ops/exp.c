/* autograd/ops/exp.c
 *
 *   y = e^x          dx = dy * y
 *
 * Integers become float32. Saves y. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_exp(cd_tensor *x)
{
    return cd_op_unary_floating(&cd_op_exp, CD_MAP_exp, x, CD_SAVES_OUTPUT);
}

cd_tensor *cd_exp_(cd_tensor *x)
{
    return cd_op_unary_floating_in_place(&cd_op_exp, CD_MAP_exp, x, CD_SAVES_OUTPUT);
}

const cd_op cd_op_exp = {
    .name = "exp",
    .grad_fn = "ExpBackward0",
    .like = "torch.exp(x)",
    .formula = "y = e^x",
    .gradient = "dx = dy * y",
    .dtypes = "floating; others become float32",
    .backward = backward,
};
