/* exp2: 2 to the power of x. Integers and bool become float32.
 *
 * Saves y. Kernel: core/cpu/math_kernel.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void exp2_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(cd_mul(dy[0], cd_saved_value(node, 0)), M_LN2);
}

cd_tensor *cd_exp2(cd_tensor *x)
{
    return cd_op_apply(&cd_op_exp2, x);
}

cd_tensor *cd_exp2_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_exp2, x);
}

const cd_op cd_op_exp2 = {
    .name = "exp2",
    .grad_fn = "Exp2Backward0",
    .like = "torch.exp2(x)",
    .formula = "y = 2^x",
    .gradient = "dx = dy * y * ln 2",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_exp2,
    .save = { { CD_OUTPUT, 0 } },
    .backward = exp2_backward,
};
