/* div: true division of two operands, tensors or numbers, which broadcast. Integers and bool become
 * float32.
 *
 * Saves b, and a for the gradient of b. Kernel: core/cpu/binary.c. A number divided by a tensor is
 * made of other ops: the reciprocal of the tensor, times the number. */
#include "autograd/dispatch/call_internal.h"

enum { A, B };
enum { SAVED_A, SAVED_B };

static void div_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_operand b = cd_saved_input(node, SAVED_B);
    if (cd_wanted(node, A)) dx[A] = cd_div_with(cd_operand_tensor(dy[0]), b);
    if (cd_wanted(node, B)) {
        cd_tensor *slope = cd_div(cd_div_with(cd_saved_input(node, SAVED_A), b), b.tensor);
        dx[B] = cd_mul(cd_neg(dy[0]), slope);
    }
}

/* PyTorch computes number / tensor in this way: the same bits, and the same nodes in the graph. */
static cd_tensor *divide_number(cd_operand a, cd_tensor *b)
{
    if (!cd_check_tensor(b, "div", "b")) return NULL;
    cd_tensor *inverse = cd_reciprocal(b);
    cd_tensor *y = cd_mul_with(cd_operand_tensor(inverse), a);
    if (inverse) (void)cd_drop(inverse); /* the graph has saved what backward needs */
    return y;
}

cd_tensor *cd_div_with(cd_operand a, cd_operand b)
{
    if (a.kind != CD_OPERAND_TENSOR && b.kind == CD_OPERAND_TENSOR)
        return divide_number(a, b.tensor);
    return cd_op_binary(&cd_op_div, a, b);
}

cd_tensor *cd_div_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_div, x, b);
}

const cd_op cd_op_div = {
    .name = "div",
    .grad_fn = "DivBackward0",
    .like = "torch.div(a, b)",
    .formula = "y = a / b",
    .gradient = "da = dy / b, db = -dy * (a / b) / b",
    .dtypes = "floating; others become float32",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_div,
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B } },
    .backward = div_backward,
};
