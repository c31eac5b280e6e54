/* autograd/ops/minimum.c
 *
 *   y = min(a, b)
 *   da = dy where a < b, db = dy where a > b, half each where they are equal
 *
 * a and b broadcast; tensors or numbers (in PyTorch only tensors). NaN wins over all numbers, and
 * beside it both have the gradient whole. bool is "and". Saves both. */
#include "autograd/op/clamp_internal.h"

cd_tensor *cd_minimum_with(cd_operand a, cd_operand b)
{
    return cd_choose(&cd_op_minimum, a, b);
}

const cd_op cd_op_minimum = {
    .name = "minimum",
    .grad_fn = "MinimumBackward0",
    .like = "torch.minimum(a, b)",
    .formula = "y = min(a, b)",
    .gradient = "da = dy where a < b, db = dy where a > b, half each where equal",
    .dtypes = "all",
    .inputs = 2,
    .numbers = CD_SET(0) | CD_SET(1),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_minimum,
    .save = { { CD_INPUT, 0 }, { CD_INPUT, 1 } },
    .backward = cd_minimum_backward,
};
