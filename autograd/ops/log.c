/* autograd/ops/log.c
 *
 *   y = natural logarithm of x          dx = dy / x
 *
 * -inf at 0, NaN below. Integers become float32. Saves x. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_div(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_log(cd_tensor *x)
{
    return cd_op_unary_floating(&cd_op_log, CD_MAP_log, x, CD_SAVES_INPUT);
}

cd_tensor *cd_log_(cd_tensor *x)
{
    return cd_op_unary_floating_in_place(&cd_op_log, CD_MAP_log, x, CD_SAVES_INPUT);
}

const cd_op cd_op_log = {
    .name = "log",
    .grad_fn = "LogBackward0",
    .like = "torch.log(x)",
    .formula = "y = natural logarithm of x",
    .gradient = "dx = dy / x",
    .dtypes = "floating; others become float32",
    .backward = backward,
};
