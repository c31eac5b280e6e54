/* frac: the fraction of x, with the sign of x; NaN for infinities.
 *
 * Saves nothing. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"
#include "autograd/math.h"

cd_tensor *cd_frac(cd_tensor *x)
{
    return cd_op_apply(&cd_op_frac, x);
}

cd_tensor *cd_frac_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_frac, x);
}

const cd_op cd_op_frac = {
    .name = "frac",
    .grad_fn = "FracBackward0",
    .like = "torch.frac(x)",
    .formula = "y = x - trunc(x)",
    .gradient = "dx = dy",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_frac,
    .backward = cd_same_backward,
};
