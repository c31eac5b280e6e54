/* sin: the sine of x, in radians. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void sin_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_cos(cd_saved_value(node, 0)));
}

cd_tensor *cd_sin(cd_tensor *x)
{
    return cd_op_apply(&cd_op_sin, x);
}

cd_tensor *cd_sin_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_sin, x);
}

const cd_op cd_op_sin = {
    .name = "sin",
    .grad_fn = "SinBackward0",
    .like = "torch.sin(x)",
    .formula = "y = sin(x)",
    .gradient = "dx = dy * cos(x)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_sin,
    .save = { { CD_INPUT, 0 } },
    .backward = sin_backward,
};
