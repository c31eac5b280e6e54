/* floor: the largest whole number that is not above x. Integers stay as they are.
 *
 * Saves nothing. Kernel: core/cpu/math_kernel.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"
#include "autograd/math.h"

cd_tensor *cd_floor(cd_tensor *x)
{
    return cd_op_apply(&cd_op_floor, x);
}

cd_tensor *cd_floor_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_floor, x);
}

const cd_op cd_op_floor = {
    .name = "floor",
    .grad_fn = "FloorBackward0",
    .like = "torch.floor(x)",
    .formula = "y = x rounded down",
    .gradient = "dx = 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_floor,
    .backward = cd_zero_backward,
};
