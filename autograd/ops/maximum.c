/* maximum: the larger of two operands, tensors or numbers (in PyTorch only tensors), which
 * broadcast. Of bool it is "or".
 *
 * NaN beside a number is NaN, and then both operands have the whole gradient. Saves both. Kernel:
 * core/cpu/binary.c. */
#include "autograd/families/clamp_internal.h"

cd_tensor *cd_maximum_with(cd_operand a, cd_operand b)
{
    return cd_maximum_or_minimum(&cd_op_maximum, a, b);
}

const cd_op cd_op_maximum = {
    .name = "maximum",
    .grad_fn = "MaximumBackward0",
    .like = "torch.maximum(a, b)",
    .formula = "y = max(a, b)",
    .gradient = "da = dy where a > b, db = dy where a < b, half each where equal",
    .dtypes = "all",
    .inputs = 2,
    .numbers = CD_SET(0) | CD_SET(1),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_maximum,
    .save = { { CD_INPUT, 0 }, { CD_INPUT, 1 } },
    .backward = cd_maximum_backward,
};
