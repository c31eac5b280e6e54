/* ceil: the smallest whole number that is not below x. Integers stay as they are.
 *
 * Saves nothing. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"
#include "autograd/math.h"

cd_tensor *cd_ceil(cd_tensor *x)
{
    return cd_op_apply(&cd_op_ceil, x);
}

cd_tensor *cd_ceil_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_ceil, x);
}

const cd_op cd_op_ceil = {
    .name = "ceil",
    .grad_fn = "CeilBackward0",
    .like = "torch.ceil(x)",
    .formula = "y = x rounded up",
    .gradient = "dx = 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_ceil,
    .backward = cd_zero_backward,
};
