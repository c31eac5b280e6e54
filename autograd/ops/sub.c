/* autograd/ops/sub.c
 *
 *   y = a - b          da = dy, db = -dy
 *
 * a and b broadcast; tensors or numbers; neither may be bool. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0)) dx[0] = dy[0];
    if (cd_wanted(node, 1)) dx[1] = cd_neg(dy[0]);
}

/* PyTorch's name when the first is a number. */
static const cd_op from_number = {
    .name = "sub",
    .grad_fn = "RsubBackward1",
    .like = "torch.rsub(b, a)",
    .formula = "y = a - b",
    .gradient = "db = -dy",
    .dtypes = "all but bool",
    .backward = backward,
};

/* As in PyTorch, where it was once meant as "not", and would not be the same with a number. */
static bool check_no_bool(cd_operand o, const char *argument)
{
    if (!cd_check_operand(o, "sub", argument)) return false;
    const cd_tensor *t = cd_operand_input(o);
    if (t ? t->dtype != CD_BOOL : o.kind != CD_OPERAND_BOOL) return true;
    return cd_fail(CD_ERR_DTYPE,
                   "sub: %s is bool, which cannot be subtracted or subtracted from: cd_ne gives "
                   "where two differ, cd_to makes numbers",
                   argument);
}

cd_tensor *cd_sub_with(cd_operand a, cd_operand b)
{
    if (!check_no_bool(a, "a") || !check_no_bool(b, "b")) return NULL;
    const cd_op *op = a.kind == CD_OPERAND_TENSOR ? &cd_op_sub : &from_number;
    return cd_op_binary(op, CD_MAP_sub, a, b, CD_SAVES_NOTHING);
}

cd_tensor *cd_sub_with_(cd_tensor *x, cd_operand b)
{
    if (!check_no_bool(cd_operand_tensor(x), "x") || !check_no_bool(b, "b")) return NULL;
    return cd_op_binary_in_place(&cd_op_sub, CD_MAP_sub, x, b, CD_SAVES_NOTHING);
}

const cd_op cd_op_sub = {
    .name = "sub",
    .grad_fn = "SubBackward0",
    .like = "torch.sub(a, b)",
    .formula = "y = a - b",
    .gradient = "da = dy, db = -dy",
    .dtypes = "all but bool",
    .backward = backward,
};
