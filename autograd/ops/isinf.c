/* isinf: whether an element is infinite, of either sign. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

cd_tensor *cd_isinf(cd_tensor *x)
{
    return cd_op_apply(&cd_op_isinf, x);
}

const cd_op cd_op_isinf = {
    .name = "isinf",
    .like = "torch.isinf(x)",
    .formula = "y = |x| is infinite, as bool",
    .gradient = "none: y is bool",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_isinf,
};
