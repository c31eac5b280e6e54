/* acos: the inverse cosine, between 0 and pi; NaN where |x| > 1. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void acos_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0);
    dx[0] = cd_mul(dy[0], cd_neg(cd_rsqrt(cd_sub(1, cd_mul(x, x)))));
}

cd_tensor *cd_acos(cd_tensor *x)
{
    return cd_op_apply(&cd_op_acos, x);
}

cd_tensor *cd_acos_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_acos, x);
}

const cd_op cd_op_acos = {
    .name = "acos",
    .grad_fn = "AcosBackward0",
    .like = "torch.acos(x)",
    .formula = "y = acos(x)",
    .gradient = "dx = -dy / sqrt(1 - x^2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_acos,
    .save = { { CD_INPUT, 0 } },
    .backward = acos_backward,
};
