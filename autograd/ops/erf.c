/* erf: the error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. Integers and
 * bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void erf_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0);
    dx[0] = cd_mul(dy[0], cd_mul(cd_exp(cd_neg(cd_mul(x, x))), M_2_SQRTPI));
}

cd_tensor *cd_erf(cd_tensor *x)
{
    return cd_op_apply(&cd_op_erf, x);
}

cd_tensor *cd_erf_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_erf, x);
}

const cd_op cd_op_erf = {
    .name = "erf",
    .grad_fn = "ErfBackward0",
    .like = "torch.erf(x)",
    .formula = "y = erf(x)",
    .gradient = "dx = dy * 2 / sqrt(pi) * exp(-x^2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_erf,
    .save = { { CD_INPUT, 0 } },
    .backward = erf_backward,
};
