/* remainder: what is left of a division that rounds down: its sign is that of b. Tensors or
 * numbers, which broadcast. Of integers a divisor of 0 is an error.
 *
 * Saves a and b for the gradient of b. Kernel: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

static void remainder_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, CD_LEFT)) dx[CD_LEFT] = dy[0];
    if (!cd_wanted(node, CD_RIGHT)) return;
    const cd_operand a = cd_saved_input(node, CD_SAVED_LEFT);
    const cd_operand b = cd_saved_input(node, CD_SAVED_RIGHT);
    if (!cd_ok()) return;
    cd_tensor *quotient =
        cd_div_rounded_with((cd_div_options){ a, b, .rounding_mode = CD_ROUND_FLOOR });
    dx[CD_RIGHT] = cd_mul(cd_neg(dy[0]), quotient);
}

static const cd_op *op_for(cd_operand b)
{
    return b.kind == CD_OPERAND_TENSOR ? &cd_op_remainder : &cd_op_remainder_number;
}

cd_tensor *cd_remainder_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(op_for(b), a, b);
}

cd_tensor *cd_remainder_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(op_for(b), x, b);
}

const cd_op cd_op_remainder = {
    .name = "remainder",
    .grad_fn = "RemainderBackward1",
    .like = "torch.remainder(a, b)",
    .formula = "y = a - b floor(a / b)",
    .gradient = "da = dy, db = -dy floor(a / b)",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(CD_LEFT) | CD_SET(CD_RIGHT),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_remainder,
    .save = CD_SAVE_FOR_RIGHT,
    .infer = cd_infer_division,
    .refuse = cd_refuse_divisor,
    .cpu = { .check = cd_check_divisor, .run = cd_run_division },
    .backward = remainder_backward,
};

/* The same op with a number for b, which has a node of its own in PyTorch's graph. */
const cd_op cd_op_remainder_number = {
    .name = "remainder",
    .grad_fn = "RemainderBackward0",
    .like = "torch.remainder(a, b) with a number b",
    .formula = "y = a - b floor(a / b)",
    .gradient = "da = dy",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(CD_RIGHT),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_remainder,
    .infer = cd_infer_division,
    .refuse = cd_refuse_divisor,
    .cpu = { .check = cd_check_divisor, .run = cd_run_division },
    .backward = remainder_backward,
};
