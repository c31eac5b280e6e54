/* exp: e to the power of x. Integers and bool become float32. Saves y. Kernel: core/cpu/unary.c. */
#include "autograd/dispatch/call_internal.h"

static void exp_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_exp(cd_tensor *x)
{
    return cd_op_apply(&cd_op_exp, x);
}

cd_tensor *cd_exp_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_exp, x);
}

const cd_op cd_op_exp = {
    .name = "exp",
    .grad_fn = "ExpBackward0",
    .like = "torch.exp(x)",
    .formula = "y = e^x",
    .gradient = "dx = dy * y",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_exp,
    .save = { { CD_OUTPUT, 0 } },
    .backward = exp_backward,
};
