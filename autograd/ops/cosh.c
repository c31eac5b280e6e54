/* cosh: the hyperbolic cosine. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void cosh_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_sinh(cd_saved_value(node, 0)));
}

cd_tensor *cd_cosh(cd_tensor *x)
{
    return cd_op_apply(&cd_op_cosh, x);
}

cd_tensor *cd_cosh_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_cosh, x);
}

const cd_op cd_op_cosh = {
    .name = "cosh",
    .grad_fn = "CoshBackward0",
    .like = "torch.cosh(x)",
    .formula = "y = cosh(x)",
    .gradient = "dx = dy * sinh(x)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_cosh,
    .save = { { CD_INPUT, 0 } },
    .backward = cosh_backward,
};
