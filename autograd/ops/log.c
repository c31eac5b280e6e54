/* log: the natural logarithm, -inf at 0 and NaN below. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/unary.c. */
#include "autograd/dispatch/call_internal.h"

static void log_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_div(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_log(cd_tensor *x)
{
    return cd_op_apply(&cd_op_log, x);
}

cd_tensor *cd_log_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_log, x);
}

const cd_op cd_op_log = {
    .name = "log",
    .grad_fn = "LogBackward0",
    .like = "torch.log(x)",
    .formula = "y = natural logarithm of x",
    .gradient = "dx = dy / x",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_log,
    .save = { { CD_INPUT, 0 } },
    .backward = log_backward,
};
