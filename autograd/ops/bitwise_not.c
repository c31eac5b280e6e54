/* bitwise_not: x with every bit inverted; of bool the logical not. Not for floats.
 *
 * No gradient. Kernel: core/cpu/logic.c. */
#include "autograd/dispatch/call_internal.h"

cd_tensor *cd_bitwise_not(cd_tensor *x)
{
    return cd_op_apply(&cd_op_bitwise_not, x);
}

cd_tensor *cd_bitwise_not_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_bitwise_not, x);
}

const cd_op cd_op_bitwise_not = {
    .name = "bitwise_not",
    .like = "torch.bitwise_not(x)",
    .formula = "y = ~x",
    .gradient = "none: y is an integer or bool",
    .dtypes = "int64, int32, uint8, bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_INTEGERS_AND_BOOL,
    .map = CD_MAP_bitwise_not,
};
