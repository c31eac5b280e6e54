/* trunc: x without its fraction, which is torch.fix too. Integers stay as they are.
 *
 * Saves nothing. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"
#include "autograd/math.h"

cd_tensor *cd_trunc(cd_tensor *x)
{
    return cd_op_apply(&cd_op_trunc, x);
}

cd_tensor *cd_trunc_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_trunc, x);
}

const cd_op cd_op_trunc = {
    .name = "trunc",
    .grad_fn = "TruncBackward0",
    .like = "torch.trunc(x)",
    .formula = "y = x rounded towards 0",
    .gradient = "dx = 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_trunc,
    .backward = cd_zero_backward,
};
