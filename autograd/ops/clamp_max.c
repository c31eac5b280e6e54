/* autograd/ops/clamp_max.c
 *
 *   y = min(x, high)
 *   a number:  dx = dy where x < high, else 0: none at the bound, and none at NaN
 *   a tensor:  dx = dy where x < high, dhigh = dy where x > high, half each where they are equal
 *
 * A tensor broadcasts. NaN passes, from either. With a number saves x, else both. */
#include "autograd/op/clamp_internal.h"

const cd_op cd_op_clamp_max_tensor = {
    .name = "clamp_max",
    .grad_fn = "ClampMaxBackward1",
    .like = "torch.clamp_max(x, high) with a tensor",
    .formula = "y = min(x, high)",
    .gradient = "dx = dy where x < high, dhigh = dy where x > high, half each where equal",
    .dtypes = "all",
    .inputs = 2,
    .input = { "x", "high" },
    .elementwise = CD_SAME,
    .map = CD_MAP_minimum,
    .save = { { CD_INPUT, 0 }, { CD_INPUT, 1 } },
    .backward = cd_minimum_backward,
};
static const cd_clamp_op clamp_op = { &cd_op_clamp_max, &cd_op_clamp_max_tensor, true };

cd_tensor *cd_clamp_max_with(cd_tensor *x, cd_operand high)
{
    return cd_clamp_one(&clamp_op, x, high, false);
}

cd_tensor *cd_clamp_max_with_(cd_tensor *x, cd_operand high)
{
    return cd_clamp_one(&clamp_op, x, high, true);
}

const cd_op cd_op_clamp_max = {
    .name = "clamp_max",
    .grad_fn = "ClampMaxBackward0",
    .like = "torch.clamp_max(x, high)",
    .formula = "y = min(x, high)",
    .gradient = "dx = dy where x < high, else 0",
    .dtypes = "all; with a number not bool",
    .inputs = 1,
    .input = { "x" },
    .takes = CD_NUMBERS,
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_clamp_attributes, cd_clamp_fields),
    .infer = cd_infer_clamp,
    .cpu = { .run = cd_run_clamp },
    .backward = cd_clamp_numbers_backward,
};
