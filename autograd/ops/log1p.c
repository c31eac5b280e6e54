/* log1p: log(1 + x), exact for small x too; -inf at -1 and NaN below. Integers and bool become
 * float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void log1p_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_div(dy[0], cd_add(cd_saved_value(node, 0), 1));
}

cd_tensor *cd_log1p(cd_tensor *x)
{
    return cd_op_apply(&cd_op_log1p, x);
}

cd_tensor *cd_log1p_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_log1p, x);
}

const cd_op cd_op_log1p = {
    .name = "log1p",
    .grad_fn = "Log1PBackward0",
    .like = "torch.log1p(x)",
    .formula = "y = natural logarithm of 1 + x",
    .gradient = "dx = dy / (1 + x)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_log1p,
    .save = { { CD_INPUT, 0 } },
    .backward = log1p_backward,
};
