/* cos: the cosine of x, in radians. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void cos_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_neg(cd_sin(cd_saved_value(node, 0))));
}

cd_tensor *cd_cos(cd_tensor *x)
{
    return cd_op_apply(&cd_op_cos, x);
}

cd_tensor *cd_cos_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_cos, x);
}

const cd_op cd_op_cos = {
    .name = "cos",
    .grad_fn = "CosBackward0",
    .like = "torch.cos(x)",
    .formula = "y = cos(x)",
    .gradient = "dx = -dy * sin(x)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_cos,
    .save = { { CD_INPUT, 0 } },
    .backward = cos_backward,
};
