/* clamp_min: x limited by one bound, a number or a tensor, which broadcasts. NaN stays, in x and in
 * the bound.
 *
 * With a number (the op clamp_min) no gradient passes where x is equal to it or NaN; saves x;
 * kernel: core/cpu/select.c. With a tensor (clamp_min_tensor) saves both; kernel:
 * core/cpu/binary.c. */
#include "autograd/families/clamp_internal.h"

static const cd_clamp_op clamp_op = { &cd_op_clamp_min, &cd_op_clamp_min_tensor, false };

cd_tensor *cd_clamp_min_with(cd_tensor *x, cd_operand low)
{
    return cd_clamp_one(&clamp_op, x, low, false);
}

cd_tensor *cd_clamp_min_with_(cd_tensor *x, cd_operand low)
{
    return cd_clamp_one(&clamp_op, x, low, true);
}

const cd_op cd_op_clamp_min = {
    .name = "clamp_min",
    .grad_fn = "ClampMinBackward0",
    .like = "torch.clamp_min(x, low)",
    .formula = "y = max(x, low)",
    .gradient = "dx = dy where x > low, else 0",
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

const cd_op cd_op_clamp_min_tensor = {
    .name = "clamp_min",
    .grad_fn = "ClampMinBackward1",
    .like = "torch.clamp_min(x, low) with a tensor",
    .formula = "y = max(x, low)",
    .gradient = "dx = dy where x > low, dlow = dy where x < low, half each where equal",
    .dtypes = "all",
    .inputs = 2,
    .input = { "x", "low" },
    .elementwise = CD_SAME,
    .map = CD_MAP_maximum,
    .save = { { CD_INPUT, 0 }, { CD_INPUT, 1 } },
    .backward = cd_maximum_backward,
};
