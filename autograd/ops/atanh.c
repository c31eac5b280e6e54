/* atanh: the inverse hyperbolic tangent; infinite at -1 and 1, NaN beyond. Integers and bool become
 * float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void atanh_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0);
    dx[0] = cd_div(dy[0], cd_sub(1, cd_mul(x, x)));
}

cd_tensor *cd_atanh(cd_tensor *x)
{
    return cd_op_apply(&cd_op_atanh, x);
}

cd_tensor *cd_atanh_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_atanh, x);
}

const cd_op cd_op_atanh = {
    .name = "atanh",
    .grad_fn = "AtanhBackward0",
    .like = "torch.atanh(x)",
    .formula = "y = atanh(x)",
    .gradient = "dx = dy / (1 - x^2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_atanh,
    .save = { { CD_INPUT, 0 } },
    .backward = atanh_backward,
};
