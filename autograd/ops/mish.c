/* mish: x times the tanh of its softplus. NaN at -inf, as in PyTorch.
 *
 * Saves x. Kernels, of mish and of its gradient, which is an op itself: core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"

static void mish_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_mish_backward, dy[0]);
}

cd_tensor *cd_mish(cd_tensor *x)
{
    return cd_op_apply(&cd_op_mish, x);
}

cd_tensor *cd_mish_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_mish, x);
}

const cd_op cd_op_mish = {
    .name = "mish",
    .grad_fn = "MishBackward0",
    .like = "torch.nn.functional.mish(x)",
    .formula = "y = x tanh(log(1 + exp(x)))",
    .gradient = "dx = dy (t + x s (1 - t^2)), t = tanh(log(1 + exp(x))), s = sigmoid(x)",
    CD_ACTIVATION,
    .map = CD_MAP_mish,
    .save = { { CD_INPUT, 0 } },
    .backward = mish_backward,
};

/* --- mish_backward: the gradient, in one pass over dy and x ----------------------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void mish_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_mish_backward, g[0]);
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    /* g dy s (1 - t^2) (2 + x (1 - s - 2 s t)) */
    cd_tensor *x = cd_activation_x(node), *s = cd_sigmoid(x), *t = cd_tanh(cd_softplus(x));
    cd_tensor *slope = cd_mul(s, cd_sub(1, cd_mul(t, t)));
    cd_tensor *bend = cd_sub(cd_sub(1, s), cd_mul(cd_mul(s, t), 2));
    cd_tensor *curve = cd_mul(slope, cd_add(2, cd_mul(x, bend)));
    grad[CD_ACTIVATION_X] = cd_mul(cd_activation_dy_times(node, g[0]), curve);
}

const cd_op cd_op_mish_backward = {
    .name = "mish_backward",
    .grad_fn = "MishBackwardBackward0",
    .formula = "dx = dy (t + x s (1 - t^2)), t = tanh(log(1 + exp(x))), s = sigmoid(x)",
    .gradient = "for dy: g (t + x s (1 - t^2)), for x: g dy s (1 - t^2) (2 + x (1 - s - 2 s t))",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_mish_backward,
    .save = CD_ACTIVATION_SAVES_BOTH,
    .backward = mish_backward_backward,
};
