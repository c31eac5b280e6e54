/* expm1: exp(x) - 1, exact for small x too. Integers and bool become float32.
 *
 * Saves y. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void expm1_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_add(cd_saved_value(node, 0), 1));
}

cd_tensor *cd_expm1(cd_tensor *x)
{
    return cd_op_apply(&cd_op_expm1, x);
}

cd_tensor *cd_expm1_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_expm1, x);
}

const cd_op cd_op_expm1 = {
    .name = "expm1",
    .grad_fn = "Expm1Backward0",
    .like = "torch.expm1(x)",
    .formula = "y = exp(x) - 1",
    .gradient = "dx = dy * (y + 1)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_expm1,
    .save = { { CD_OUTPUT, 0 } },
    .backward = expm1_backward,
};
