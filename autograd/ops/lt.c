/* lt: whether a is less than b; tensors or numbers, which broadcast.
 *
 * They are compared in the dtype that torch.result_type gives for both. In place the truth
 * becomes 0 or 1 in x's dtype, and the gradients are 0. Kernel: core/cpu/compare.c. */
#include "autograd/families/compare_internal.h"

cd_tensor *cd_lt_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_lt, a, b);
}

cd_tensor *cd_lt_with_(cd_tensor *x, cd_operand b)
{
    return cd_compare_in_place(&cd_op_lt, &cd_op_lt_number, x, b);
}

const cd_op cd_op_lt = {
    .name = "lt",
    .grad_fn = "LtBackward1",
    .like = "torch.lt(a, b)",
    .formula = "y = a < b, as bool",
    .gradient = "none: y is bool; in place dx = 0, db = 0",
    .dtypes = "all",
    .inputs = 2,
    .numbers = CD_SET(0) | CD_SET(1),
    .input = { "a", "b" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_lt,
    .backward = cd_zero_backward,
};

/* The same op in place with a number, which has a node of its own in PyTorch's graph. */
const cd_op cd_op_lt_number = {
    .name = "lt",
    .grad_fn = "LtBackward0",
    .like = "x.lt_(b) with a number",
    .formula = "x = x < b, as 0 and 1 in the dtype of x",
    .gradient = "dx = 0",
    .dtypes = "all",
    .inputs = 2,
    .numbers = CD_SET(1),
    .input = { "x", "b" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_lt,
    .backward = cd_zero_backward,
};
