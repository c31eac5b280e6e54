/* lgamma: the natural logarithm of |gamma(x)|; inf at 0 and at negative whole numbers. Integers and
 * bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void lgamma_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_digamma(cd_saved_value(node, 0)));
}

cd_tensor *cd_lgamma(cd_tensor *x)
{
    return cd_op_apply(&cd_op_lgamma, x);
}

cd_tensor *cd_lgamma_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_lgamma, x);
}

const cd_op cd_op_lgamma = {
    .name = "lgamma",
    .grad_fn = "LgammaBackward0",
    .like = "torch.lgamma(x)",
    .formula = "y = log |gamma(x)|",
    .gradient = "dx = dy * digamma(x)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_lgamma,
    .save = { { CD_INPUT, 0 } },
    .backward = lgamma_backward,
};
