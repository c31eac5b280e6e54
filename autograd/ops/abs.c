/* autograd/ops/abs.c
 *
 *   y = |x|          dx = dy * sign(x)
 *
 * The gradient at 0 is 0. Not bool. Saves x. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_sign(cd_saved_value(node, 0)));
}

cd_tensor *cd_abs(cd_tensor *x)
{
    return cd_op_unary(&cd_op_abs, CD_MAP_abs, x, CD_SAVES_INPUT);
}

cd_tensor *cd_abs_(cd_tensor *x)
{
    return cd_op_unary_in_place(&cd_op_abs, CD_MAP_abs, x, CD_SAVES_INPUT);
}

const cd_op cd_op_abs = {
    .name = "abs",
    .grad_fn = "AbsBackward0",
    .like = "torch.abs(x)",
    .formula = "y = |x|",
    .gradient = "dx = dy * sign(x)",
    .dtypes = "all but bool",
    .backward = backward,
};
