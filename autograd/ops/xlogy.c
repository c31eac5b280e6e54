/* xlogy: a times the logarithm of b; 0 where a is 0, unless b is NaN. Tensors or numbers, which
 * broadcast; integers and bool become float32.
 *
 * Saves a and b. Kernel: core/cpu/arithmetic.c. The gradient of a is 0 where a is 0 and b is not
 * above 0. */
#include "autograd/families/arithmetic_internal.h"

/* dy log(b), but 0 where a is 0 and b is not above 0. As in PyTorch NaN is not above 0 as a number,
 * but counts as a tensor's element. */
static cd_tensor *left_gradient(cd_tensor *dy, cd_tensor *a, cd_operand b)
{
    cd_tensor *dx = cd_xlogy_with(cd_operand_tensor(dy), b), *flat = cd_eq(a, 0);
    if (b.kind != CD_OPERAND_TENSOR) return b.number > 0 ? dx : cd_where(flat, 0, dx);
    return cd_where(cd_logical_and(flat, cd_le(b.tensor, 0)), 0, dx);
}

static void xlogy_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_operand a = cd_saved_input(node, CD_SAVED_LEFT);
    const cd_operand b = cd_saved_input(node, CD_SAVED_RIGHT);
    if (!cd_ok()) return;
    if (cd_wanted(node, CD_LEFT)) dx[CD_LEFT] = left_gradient(dy[0], a.tensor, b);
    if (cd_wanted(node, CD_RIGHT)) {
        dx[CD_RIGHT] = cd_div(cd_mul_with(cd_operand_tensor(dy[0]), a), b.tensor);
    }
}

static const cd_op *op_for(cd_operand a, cd_operand b)
{
    if (a.kind != CD_OPERAND_TENSOR) return &cd_op_xlogy_of_number;
    return b.kind == CD_OPERAND_TENSOR ? &cd_op_xlogy : &cd_op_xlogy_number;
}

cd_tensor *cd_xlogy_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(op_for(a, b), a, b);
}

cd_tensor *cd_xlogy_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(op_for(cd_operand_tensor(x), b), x, b);
}

const cd_op cd_op_xlogy = {
    .name = "xlogy",
    .grad_fn = "XlogyBackward0",
    .like = "torch.xlogy(a, b)",
    .formula = "y = a log(b), 0 where a = 0",
    .gradient = "da = dy log(b), 0 where a = 0 and b <= 0; db = dy a / b",
    .dtypes = "floating; others become float32",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_xlogy,
    .save = CD_SAVE_BOTH,
    .backward = xlogy_backward,
};

/* The same op with a number for one operand, as PyTorch's graph has it. */
const cd_op cd_op_xlogy_of_number = {
    .name = "xlogy",
    .grad_fn = "XlogyBackward1",
    .like = "torch.xlogy(a, b) with a number a",
    .formula = "y = a log(b), 0 where a = 0",
    .gradient = "db = dy a / b",
    .dtypes = "floating; others become float32",
    .inputs = 2,
    .numbers = CD_SET(CD_LEFT) | CD_SET(CD_RIGHT),
    .input = { "a", "b" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_xlogy,
    .save = CD_SAVE_BOTH,
    .backward = xlogy_backward,
};

const cd_op cd_op_xlogy_number = {
    .name = "xlogy",
    .grad_fn = "XlogyBackward2",
    .like = "torch.xlogy(a, b) with a number b",
    .formula = "y = a log(b), 0 where a = 0",
    .gradient = "da = dy log(b), 0 where a = 0 and b <= 0",
    .dtypes = "floating; others become float32",
    .inputs = 2,
    .numbers = CD_SET(CD_RIGHT),
    .input = { "a", "b" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_xlogy,
    .save = CD_SAVE_BOTH,
    .backward = xlogy_backward,
};
