/* bitwise_left_shift: a with its bits moved to the left by b places. Tensors or numbers, which
 * broadcast. Bits that are moved out are lost; a shift by less than 0, or by as many bits as a has
 * or more, moves out all of them. What is left is 0.
 *
 * Not for bool and floats. No gradient. Kernel: core/cpu/logic.c. */
#include "autograd/dispatch/call_internal.h"

cd_tensor *cd_bitwise_left_shift_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_bitwise_left_shift, a, b);
}

cd_tensor *cd_bitwise_left_shift_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_bitwise_left_shift, x, b);
}

const cd_op cd_op_bitwise_left_shift = {
    .name = "bitwise_left_shift",
    .like = "torch.bitwise_left_shift(a, b)",
    .formula = "y = a << b",
    .gradient = "none: y is an integer",
    .dtypes = "int64, int32, uint8",
    .inputs = 2,
    .numbers = CD_SET(0) | CD_SET(1),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_INTEGERS,
    .map = CD_MAP_bitwise_left_shift,
};
