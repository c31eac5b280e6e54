/* bitwise_xor: the bits that exactly one has. Tensors or numbers, which broadcast.
 *
 * Of bool it is the logical xor; not for floats. No gradient. Kernel: core/cpu/logic.c. */
#include "autograd/dispatch/call_internal.h"

cd_tensor *cd_bitwise_xor_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_bitwise_xor, a, b);
}

cd_tensor *cd_bitwise_xor_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_bitwise_xor, x, b);
}

const cd_op cd_op_bitwise_xor = {
    .name = "bitwise_xor",
    .like = "torch.bitwise_xor(a, b)",
    .formula = "y = a ^ b",
    .gradient = "none: y is an integer or bool",
    .dtypes = "int64, int32, uint8, bool",
    .inputs = 2,
    .numbers = CD_SET(0) | CD_SET(1),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_INTEGERS_AND_BOOL,
    .map = CD_MAP_bitwise_xor,
};
