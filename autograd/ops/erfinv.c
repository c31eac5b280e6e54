/* erfinv: the inverse of the error function; infinite at -1 and 1, NaN beyond. Integers and bool
 * become float32.
 *
 * Saves y. Kernel: core/cpu/math_kernel.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void erfinv_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, 0);
    dx[0] = cd_mul(dy[0], cd_mul(cd_exp(cd_mul(y, y)), 1 / M_2_SQRTPI));
}

cd_tensor *cd_erfinv(cd_tensor *x)
{
    return cd_op_apply(&cd_op_erfinv, x);
}

cd_tensor *cd_erfinv_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_erfinv, x);
}

const cd_op cd_op_erfinv = {
    .name = "erfinv",
    .grad_fn = "ErfinvBackward0",
    .like = "torch.erfinv(x)",
    .formula = "y = the number whose erf is x",
    .gradient = "dx = dy * sqrt(pi) / 2 * exp(y^2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_erfinv,
    .save = { { CD_OUTPUT, 0 } },
    .backward = erfinv_backward,
};
