/* abs: the absolute value; its gradient at 0 is 0. Saves x. Kernel: core/cpu/unary.c. */
#include "autograd/dispatch/call_internal.h"

static void abs_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_sign(cd_saved_value(node, 0)));
}

cd_tensor *cd_abs(cd_tensor *x)
{
    return cd_op_apply(&cd_op_abs, x);
}

cd_tensor *cd_abs_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_abs, x);
}

const cd_op cd_op_abs = {
    .name = "abs",
    .grad_fn = "AbsBackward0",
    .like = "torch.abs(x)",
    .formula = "y = |x|",
    .gradient = "dx = dy * sign(x)",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_abs,
    .save = { { CD_INPUT, 0 } },
    .backward = abs_backward,
};
