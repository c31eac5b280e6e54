/* atan: the inverse tangent, between -pi / 2 and pi / 2. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void atan_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0);
    dx[0] = cd_div(dy[0], cd_add(cd_mul(x, x), 1));
}

cd_tensor *cd_atan(cd_tensor *x)
{
    return cd_op_apply(&cd_op_atan, x);
}

cd_tensor *cd_atan_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_atan, x);
}

const cd_op cd_op_atan = {
    .name = "atan",
    .grad_fn = "AtanBackward0",
    .like = "torch.atan(x)",
    .formula = "y = atan(x)",
    .gradient = "dx = dy / (1 + x^2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_atan,
    .save = { { CD_INPUT, 0 } },
    .backward = atan_backward,
};
