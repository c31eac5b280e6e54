/* log2: the logarithm to base 2, -inf at 0 and NaN below. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void log2_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_div(dy[0], cd_mul(cd_saved_value(node, 0), M_LN2));
}

cd_tensor *cd_log2(cd_tensor *x)
{
    return cd_op_apply(&cd_op_log2, x);
}

cd_tensor *cd_log2_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_log2, x);
}

const cd_op cd_op_log2 = {
    .name = "log2",
    .grad_fn = "Log2Backward0",
    .like = "torch.log2(x)",
    .formula = "y = logarithm of x to base 2",
    .gradient = "dx = dy / (x ln 2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_log2,
    .save = { { CD_INPUT, 0 } },
    .backward = log2_backward,
};
