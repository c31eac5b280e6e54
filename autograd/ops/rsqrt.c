/* rsqrt: 1 / sqrt(x); inf at 0, -inf at -0, and NaN below. Integers and bool become float32.
 *
 * Saves y. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void rsqrt_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(cd_mul(dy[0], -0.5), cd_pow(cd_saved_value(node, 0), 3));
}

cd_tensor *cd_rsqrt(cd_tensor *x)
{
    return cd_op_apply(&cd_op_rsqrt, x);
}

cd_tensor *cd_rsqrt_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_rsqrt, x);
}

const cd_op cd_op_rsqrt = {
    .name = "rsqrt",
    .grad_fn = "RsqrtBackward0",
    .like = "torch.rsqrt(x)",
    .formula = "y = 1 / sqrt(x)",
    .gradient = "dx = -dy / 2 * y^3",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_rsqrt,
    .save = { { CD_OUTPUT, 0 } },
    .backward = rsqrt_backward,
};
