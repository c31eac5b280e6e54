/* autograd/ops/add.c
 *
 *   y = a + b          da = dy, db = dy
 *
 * a and b broadcast; tensors or numbers. bool + bool is "or". Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0)) dx[0] = dy[0];
    if (cd_wanted(node, 1)) dx[1] = dy[0];
}

cd_tensor *cd_add_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_add, CD_MAP_add, a, b, CD_SAVES_NOTHING);
}

cd_tensor *cd_add_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_add, CD_MAP_add, x, b, CD_SAVES_NOTHING);
}

const cd_op cd_op_add = {
    .name = "add",
    .grad_fn = "AddBackward0",
    .like = "torch.add(a, b)",
    .formula = "y = a + b",
    .gradient = "da = dy, db = dy",
    .dtypes = "all",
    .backward = backward,
};
