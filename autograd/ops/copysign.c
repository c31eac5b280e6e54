/* copysign: the size of a with the sign of b, that of -0 too. b is a tensor or a number; both
 * broadcast, and integers and bool become float32.
 *
 * Saves a and y for the gradient of a. Kernel: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

enum { SAVED_A, SAVED_Y };

static void copysign_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, CD_LEFT)) {
        cd_tensor *a = cd_saved_value(node, SAVED_A);
        cd_tensor *ratio = cd_div(cd_saved_value(node, SAVED_Y), a);
        dx[CD_LEFT] = cd_mul(dy[0], cd_where(cd_eq(a, 0), 0, ratio));
    }
    if (cd_wanted(node, CD_RIGHT)) dx[CD_RIGHT] = cd_zeros_like(dy[0]);
}

static const cd_op *op_for(cd_operand b)
{
    return b.kind == CD_OPERAND_TENSOR ? &cd_op_copysign : &cd_op_copysign_number;
}

cd_tensor *cd_copysign_with(cd_tensor *a, cd_operand b)
{
    return cd_op_binary(op_for(b), cd_operand_tensor(a), b);
}

cd_tensor *cd_copysign_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(op_for(b), x, b);
}

const cd_op cd_op_copysign = {
    .name = "copysign",
    .grad_fn = "CopysignBackward0",
    .like = "torch.copysign(a, b)",
    .formula = "y = |a| with the sign of b",
    .gradient = "da = dy y / a, 0 where a = 0; db = 0",
    .dtypes = "floating; others become float32",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_copysign,
    .save = { [SAVED_A] = { CD_INPUT, CD_LEFT, CD_SET(CD_LEFT) },
              [SAVED_Y] = { CD_OUTPUT, 0, CD_SET(CD_LEFT) } },
    .backward = copysign_backward,
};

/* The same op with a number for b, which has a node of its own in PyTorch's graph. */
const cd_op cd_op_copysign_number = {
    .name = "copysign",
    .grad_fn = "CopysignBackward1",
    .like = "torch.copysign(a, b) with a number b",
    .formula = "y = |a| with the sign of b",
    .gradient = "da = dy y / a, 0 where a = 0",
    .dtypes = "floating; others become float32",
    .inputs = 2,
    .numbers = CD_SET(CD_RIGHT),
    .input = { "a", "b" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_copysign,
    .save = { [SAVED_A] = { CD_INPUT, CD_LEFT, CD_SET(CD_LEFT) },
              [SAVED_Y] = { CD_OUTPUT, 0, CD_SET(CD_LEFT) } },
    .backward = copysign_backward,
};
