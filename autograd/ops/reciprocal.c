/* reciprocal: one divided by x, infinite at 0 with the sign of that 0. Integers and bool become
 * float32.
 *
 * Saves y. Kernel: core/cpu/unary.c. */
#include "autograd/dispatch/call_internal.h"

static void reciprocal_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, 0);
    dx[0] = cd_mul(cd_neg(dy[0]), cd_mul(y, y));
}

cd_tensor *cd_reciprocal(cd_tensor *x)
{
    return cd_op_apply(&cd_op_reciprocal, x);
}

cd_tensor *cd_reciprocal_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_reciprocal, x);
}

const cd_op cd_op_reciprocal = {
    .name = "reciprocal",
    .grad_fn = "ReciprocalBackward0",
    .like = "torch.reciprocal(x)",
    .formula = "y = 1 / x",
    .gradient = "dx = -dy y^2",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_reciprocal,
    .save = { { CD_OUTPUT, 0 } },
    .backward = reciprocal_backward,
};
