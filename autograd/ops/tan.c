/* tan: the tangent of x, in radians. Integers and bool become float32.
 *
 * Saves y. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void tan_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, 0);
    dx[0] = cd_mul(dy[0], cd_add(cd_mul(y, y), 1));
}

cd_tensor *cd_tan(cd_tensor *x)
{
    return cd_op_apply(&cd_op_tan, x);
}

cd_tensor *cd_tan_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_tan, x);
}

const cd_op cd_op_tan = {
    .name = "tan",
    .grad_fn = "TanBackward0",
    .like = "torch.tan(x)",
    .formula = "y = tan(x)",
    .gradient = "dx = dy * (1 + y^2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_tan,
    .save = { { CD_OUTPUT, 0 } },
    .backward = tan_backward,
};
