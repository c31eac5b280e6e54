/* isfinite: whether an element is neither NaN nor infinite. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

cd_tensor *cd_isfinite(cd_tensor *x)
{
    return cd_op_apply(&cd_op_isfinite, x);
}

const cd_op cd_op_isfinite = {
    .name = "isfinite",
    .like = "torch.isfinite(x)",
    .formula = "y = |x| < inf, as bool",
    .gradient = "none: y is bool",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_isfinite,
};
