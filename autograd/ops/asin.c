/* asin: the inverse sine, between -pi / 2 and pi / 2; NaN where |x| > 1. Integers and bool become
 * float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void asin_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0);
    dx[0] = cd_mul(dy[0], cd_rsqrt(cd_sub(1, cd_mul(x, x))));
}

cd_tensor *cd_asin(cd_tensor *x)
{
    return cd_op_apply(&cd_op_asin, x);
}

cd_tensor *cd_asin_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_asin, x);
}

const cd_op cd_op_asin = {
    .name = "asin",
    .grad_fn = "AsinBackward0",
    .like = "torch.asin(x)",
    .formula = "y = asin(x)",
    .gradient = "dx = dy / sqrt(1 - x^2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_asin,
    .save = { { CD_INPUT, 0 } },
    .backward = asin_backward,
};
