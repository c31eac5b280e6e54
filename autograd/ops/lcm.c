/* lcm: the least common multiple of two tensors of integers, which broadcast; of bool only beside
 * integers. Of 0 and b it is 0. The least int64 and int32 have no size: as in PyTorch they stand
 * for their own.
 *
 * No gradient. Kernel: core/cpu/arithmetic.c. */
#include "autograd/dispatch/call_internal.h"

cd_tensor *cd_lcm(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_lcm, a, b);
}

cd_tensor *cd_lcm_(cd_tensor *x, cd_tensor *b)
{
    return cd_op_in_place(&cd_op_lcm, x, b);
}

const cd_op cd_op_lcm = {
    .name = "lcm",
    .like = "torch.lcm(a, b)",
    .formula = "y = the least integer above 0 that a and b divide",
    .gradient = "none: y is an integer",
    .dtypes = "int64, int32, uint8",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_INTEGERS,
    .map = CD_MAP_lcm,
};
