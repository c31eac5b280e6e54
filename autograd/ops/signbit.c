/* signbit: whether the sign of an element is negative, also of -0 and of NaN. Kernel:
 * core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

cd_tensor *cd_signbit(cd_tensor *x)
{
    return cd_op_apply(&cd_op_signbit, x);
}

const cd_op cd_op_signbit = {
    .name = "signbit",
    .like = "torch.signbit(x)",
    .formula = "y = x has a minus sign, as bool",
    .gradient = "none: y is bool",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_signbit,
};
