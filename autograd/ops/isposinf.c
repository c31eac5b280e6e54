/* isposinf: whether an element is positive infinity. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

cd_tensor *cd_isposinf(cd_tensor *x)
{
    return cd_op_apply(&cd_op_isposinf, x);
}

const cd_op cd_op_isposinf = {
    .name = "isposinf",
    .like = "torch.isposinf(x)",
    .formula = "y = x is inf, as bool",
    .gradient = "none: y is bool",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_isposinf,
};
