/* sqrt: the square root, NaN below 0; its gradient at 0 is infinite. Integers and bool become
 * float32.
 *
 * Saves y. Kernel: core/cpu/unary.c. */
#include "autograd/dispatch/call_internal.h"

static void sqrt_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_div(dy[0], cd_mul(cd_saved_value(node, 0), 2));
}

cd_tensor *cd_sqrt(cd_tensor *x)
{
    return cd_op_apply(&cd_op_sqrt, x);
}

cd_tensor *cd_sqrt_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_sqrt, x);
}

const cd_op cd_op_sqrt = {
    .name = "sqrt",
    .grad_fn = "SqrtBackward0",
    .like = "torch.sqrt(x)",
    .formula = "y = square root of x",
    .gradient = "dx = dy / (2 y)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_sqrt,
    .save = { { CD_OUTPUT, 0 } },
    .backward = sqrt_backward,
};
