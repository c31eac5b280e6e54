/* add: the sum of two operands, tensors or numbers, which broadcast. bool + bool is "or".
 *
 * Saves nothing. Kernel: core/cpu/binary.c. The engine sums the gradient of an operand over what
 * was broadcast, for this op and for all others. */
#include "autograd/dispatch/call_internal.h"

enum { A, B };

static void add_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, A)) dx[A] = dy[0];
    if (cd_wanted(node, B)) dx[B] = dy[0];
}

cd_tensor *cd_add_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_add, a, b);
}

cd_tensor *cd_add_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_add, x, b);
}

const cd_op cd_op_add = {
    .name = "add",
    .grad_fn = "AddBackward0",
    .like = "torch.add(a, b)",
    .formula = "y = a + b",
    .gradient = "da = dy, db = dy",
    .dtypes = "all",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_add,
    .backward = add_backward,
};
