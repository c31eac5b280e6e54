/* hardswish: x times hardsigmoid(x). NaN at -inf, as in PyTorch.
 *
 * Saves x. Kernels, of hardswish and of its gradient, which is an op itself:
 * core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"

static void hardswish_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_hardswish_backward, dy[0]);
}

cd_tensor *cd_hardswish(cd_tensor *x)
{
    return cd_op_apply(&cd_op_hardswish, x);
}

cd_tensor *cd_hardswish_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_hardswish, x);
}

const cd_op cd_op_hardswish = {
    .name = "hardswish",
    .grad_fn = "HardswishBackward0",
    .like = "torch.nn.functional.hardswish(x)",
    .formula = "y = x min(max(x + 3, 0), 6) / 6",
    .gradient = "dx = dy (x / 3 + 1 / 2) where -3 < x < 3, 0 below, dy above",
    CD_ACTIVATION,
    .map = CD_MAP_hardswish,
    .save = { { CD_INPUT, 0 } },
    .backward = hardswish_backward,
};

/* --- hardswish_backward: the gradient, in one pass over dy and x ------------------------------ */

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void hardswish_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_hardswish_backward, g[0]);
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    cd_tensor *x = cd_activation_x(node);
    cd_tensor *between = cd_mul(cd_gt(x, -3), cd_lt(x, 3)); /* of bool tensors: and */
    cd_tensor *third = cd_div(cd_activation_dy_times(node, g[0]), 3);
    grad[CD_ACTIVATION_X] = cd_where(between, third, 0);
}

const cd_op cd_op_hardswish_backward = {
    .name = "hardswish_backward",
    .grad_fn = "HardswishBackwardBackward0",
    .formula = "dx = dy (x / 3 + 1 / 2) where -3 < x < 3, 0 below, dy above",
    .gradient = "for dy: the same of g, for x: g dy / 3 where -3 < x < 3, else 0",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_hardswish_backward,
    .save = CD_ACTIVATION_SAVES_BOTH,
    .backward = hardswish_backward_backward,
};
