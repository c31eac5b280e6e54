/* log10: the logarithm to base 10, -inf at 0 and NaN below. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void log10_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_div(dy[0], cd_mul(cd_saved_value(node, 0), M_LN10));
}

cd_tensor *cd_log10(cd_tensor *x)
{
    return cd_op_apply(&cd_op_log10, x);
}

cd_tensor *cd_log10_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_log10, x);
}

const cd_op cd_op_log10 = {
    .name = "log10",
    .grad_fn = "Log10Backward0",
    .like = "torch.log10(x)",
    .formula = "y = logarithm of x to base 10",
    .gradient = "dx = dy / (x ln 10)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_log10,
    .save = { { CD_INPUT, 0 } },
    .backward = log10_backward,
};
