/* sign: 1 above 0, -1 below, 0 at 0 and of NaN; of bool x itself. Saves nothing. Kernel:
 * core/cpu/unary.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"

cd_tensor *cd_sign(cd_tensor *x)
{
    return cd_op_apply(&cd_op_sign, x);
}

cd_tensor *cd_sign_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_sign, x);
}

const cd_op cd_op_sign = {
    .name = "sign",
    .grad_fn = "SignBackward0",
    .like = "torch.sign(x)",
    .formula = "y = 1 where x > 0, -1 where x < 0, else 0",
    .gradient = "dx = 0",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .map = CD_MAP_sign,
    .backward = cd_zero_backward,
};
