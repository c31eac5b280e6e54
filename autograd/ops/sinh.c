/* sinh: the hyperbolic sine. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void sinh_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_cosh(cd_saved_value(node, 0)));
}

cd_tensor *cd_sinh(cd_tensor *x)
{
    return cd_op_apply(&cd_op_sinh, x);
}

cd_tensor *cd_sinh_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_sinh, x);
}

const cd_op cd_op_sinh = {
    .name = "sinh",
    .grad_fn = "SinhBackward0",
    .like = "torch.sinh(x)",
    .formula = "y = sinh(x)",
    .gradient = "dx = dy * cosh(x)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_sinh,
    .save = { { CD_INPUT, 0 } },
    .backward = sinh_backward,
};
