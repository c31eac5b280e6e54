/* erfc: 1 - erf(x), which for large x keeps its digits. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void erfc_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0);
    dx[0] = cd_mul(dy[0], cd_mul(cd_exp(cd_neg(cd_mul(x, x))), -M_2_SQRTPI));
}

cd_tensor *cd_erfc(cd_tensor *x)
{
    return cd_op_apply(&cd_op_erfc, x);
}

cd_tensor *cd_erfc_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_erfc, x);
}

const cd_op cd_op_erfc = {
    .name = "erfc",
    .grad_fn = "ErfcBackward0",
    .like = "torch.erfc(x)",
    .formula = "y = 1 - erf(x)",
    .gradient = "dx = -dy * 2 / sqrt(pi) * exp(-x^2)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_erfc,
    .save = { { CD_INPUT, 0 } },
    .backward = erfc_backward,
};
