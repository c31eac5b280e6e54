/* gcd: the greatest common divisor of two tensors of integers, which broadcast; of bool only beside
 * integers. Of 0 and b it is |b|. The least int64 and int32 have no size: as in PyTorch they stand
 * for their own.
 *
 * No gradient. Kernel: core/cpu/arithmetic.c. */
#include "autograd/dispatch/call_internal.h"

cd_tensor *cd_gcd(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_gcd, a, b);
}

cd_tensor *cd_gcd_(cd_tensor *x, cd_tensor *b)
{
    return cd_op_in_place(&cd_op_gcd, x, b);
}

const cd_op cd_op_gcd = {
    .name = "gcd",
    .like = "torch.gcd(a, b)",
    .formula = "y = the greatest integer that divides a and b",
    .gradient = "none: y is an integer",
    .dtypes = "int64, int32, uint8",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_INTEGERS,
    .map = CD_MAP_gcd,
};
