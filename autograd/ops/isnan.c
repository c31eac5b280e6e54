/* isnan: whether an element is NaN. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

cd_tensor *cd_isnan(cd_tensor *x)
{
    return cd_op_apply(&cd_op_isnan, x);
}

const cd_op cd_op_isnan = {
    .name = "isnan",
    .like = "torch.isnan(x)",
    .formula = "y = x is NaN, as bool",
    .gradient = "none: y is bool",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_isnan,
};
