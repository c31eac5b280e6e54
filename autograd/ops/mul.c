/* autograd/ops/mul.c
 *
 *   y = a * b          da = dy * b, db = dy * a
 *
 * a and b broadcast; tensors or numbers. bool * bool is "and". Saves a if db is wanted, b if da is.
 */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0))
        dx[0] = cd_mul_with(cd_operand_tensor(dy[0]), cd_saved_operand(node, 1));
    if (cd_wanted(node, 1))
        dx[1] = cd_mul_with(cd_operand_tensor(dy[0]), cd_saved_operand(node, 0));
}

cd_tensor *cd_mul_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_mul, CD_MAP_mul, a, b, CD_SAVES_INPUT);
}

cd_tensor *cd_mul_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_mul, CD_MAP_mul, x, b, CD_SAVES_INPUT);
}

const cd_op cd_op_mul = {
    .name = "mul",
    .grad_fn = "MulBackward0",
    .like = "torch.mul(a, b)",
    .formula = "y = a * b",
    .gradient = "da = dy * b, db = dy * a",
    .dtypes = "all",
    .backward = backward,
};
