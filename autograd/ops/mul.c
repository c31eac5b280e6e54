/* mul: the product of two operands, tensors or numbers, which broadcast. bool * bool is "and".
 *
 * Saves b for the gradient of a, and a for that of b. Kernel: core/cpu/binary.c. */
#include "autograd/dispatch/call_internal.h"

enum { A, B };
enum { SAVED_A, SAVED_B };

static void mul_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_operand d = cd_operand_tensor(dy[0]);
    if (cd_wanted(node, A)) dx[A] = cd_mul_with(d, cd_saved_input(node, SAVED_B));
    if (cd_wanted(node, B)) dx[B] = cd_mul_with(d, cd_saved_input(node, SAVED_A));
}

cd_tensor *cd_mul_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_mul, a, b);
}

cd_tensor *cd_mul_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_mul, x, b);
}

const cd_op cd_op_mul = {
    .name = "mul",
    .grad_fn = "MulBackward0",
    .like = "torch.mul(a, b)",
    .formula = "y = a * b",
    .gradient = "da = dy * b, db = dy * a",
    .dtypes = "all",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_mul,
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    .backward = mul_backward,
};
