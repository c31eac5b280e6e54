/* acosh: the inverse hyperbolic cosine; NaN where x < 1. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void acosh_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0);
    dx[0] = cd_mul(dy[0], cd_rsqrt(cd_sub(cd_mul(x, x), 1)));
}

cd_tensor *cd_acosh(cd_tensor *x)
{
    return cd_op_apply(&cd_op_acosh, x);
}

cd_tensor *cd_acosh_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_acosh, x);
}

const cd_op cd_op_acosh = {
    .name = "acosh",
    .grad_fn = "AcoshBackward0",
    .like = "torch.acosh(x)",
    .formula = "y = acosh(x)",
    .gradient = "dx = dy / sqrt(x^2 - 1)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_acosh,
    .save = { { CD_INPUT, 0 } },
    .backward = acosh_backward,
};
