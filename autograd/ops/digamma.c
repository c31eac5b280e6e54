/* digamma: the derivative of lgamma; NaN at negative whole numbers. Integers and bool become
 * float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void digamma_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_polygamma(1, cd_saved_value(node, 0)));
}

cd_tensor *cd_digamma(cd_tensor *x)
{
    return cd_op_apply(&cd_op_digamma, x);
}

cd_tensor *cd_digamma_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_digamma, x);
}

const cd_op cd_op_digamma = {
    .name = "digamma",
    .grad_fn = "DigammaBackward0",
    .like = "torch.digamma(x)",
    .formula = "y = gamma'(x) / gamma(x)",
    .gradient = "dx = dy * polygamma(1, x)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_digamma,
    .save = { { CD_INPUT, 0 } },
    .backward = digamma_backward,
};
