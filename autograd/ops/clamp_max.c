/* clamp_max: x limited by one bound, a number or a tensor, which broadcasts. NaN stays, in x and in
 * the bound.
 *
 * With a number (the op clamp_max) no gradient passes where x is equal to it or NaN; saves x;
 * kernel: core/cpu/select.c. With a tensor (clamp_max_tensor) saves both; kernel:
 * core/cpu/binary.c. */
#include "autograd/families/clamp_internal.h"

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
    .computes_in = CD_NUMERIC,
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_clamp_attributes, cd_clamp_fields),
    .infer = cd_infer_clamp,
    .cpu = { .run = cd_run_clamp },
    .backward = cd_clamp_numbers_backward,
};

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
