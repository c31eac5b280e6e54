/* logsigmoid: the logarithm of the sigmoid, computed as min(x, 0) - log(1 + exp(-|x|)).
 *
 * Saves x. (PyTorch saves exp(-|x|) too.) Kernels, of logsigmoid and of its gradient, which is
 * an op itself: core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"

static void logsigmoid_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_logsigmoid_backward, dy[0]);
}

cd_tensor *cd_logsigmoid(cd_tensor *x)
{
    return cd_op_apply(&cd_op_logsigmoid, x);
}

const cd_op cd_op_logsigmoid = {
    .name = "logsigmoid",
    .grad_fn = "LogSigmoidBackward0",
    .like = "torch.nn.functional.logsigmoid(x)",
    .formula = "y = log(1 / (1 + exp(-x)))",
    .gradient = "dx = dy (1 - s), s = sigmoid(x)",
    CD_ACTIVATION,
    .map = CD_MAP_logsigmoid,
    .save = { { CD_INPUT, 0 } },
    .backward = logsigmoid_backward,
};

/* --- logsigmoid_backward: the gradient, in one pass over dy and x ----------------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void logsigmoid_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_logsigmoid_backward, g[0]);
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    cd_tensor *s = cd_sigmoid(cd_activation_x(node));
    cd_tensor *curve = cd_mul(s, cd_sub(s, 1));
    grad[CD_ACTIVATION_X] = cd_mul(cd_activation_dy_times(node, g[0]), curve);
}

const cd_op cd_op_logsigmoid_backward = {
    .name = "logsigmoid_backward",
    .grad_fn = "LogSigmoidBackwardBackward0",
    .formula = "dx = dy (1 - s), s = sigmoid(x)",
    .gradient = "for dy: g (1 - s), for x: g dy s (s - 1)",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_logsigmoid_backward,
    .save = CD_ACTIVATION_SAVES_BOTH,
    .backward = logsigmoid_backward_backward,
};
