/* silu: x times its sigmoid, also called swish. NaN at -inf, as in PyTorch.
 *
 * Saves x. Kernels, of silu and of its gradient, which is an op itself: core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"

static void silu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_silu_backward, dy[0]);
}

cd_tensor *cd_silu(cd_tensor *x)
{
    return cd_op_apply(&cd_op_silu, x);
}

cd_tensor *cd_silu_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_silu, x);
}

const cd_op cd_op_silu = {
    .name = "silu",
    .grad_fn = "SiluBackward0",
    .like = "torch.nn.functional.silu(x)",
    .formula = "y = x / (1 + exp(-x))",
    .gradient = "dx = dy s (1 + x (1 - s)), s = sigmoid(x)",
    CD_ACTIVATION,
    .map = CD_MAP_silu,
    .save = { { CD_INPUT, 0 } },
    .backward = silu_backward,
};

/* --- silu_backward: the gradient, in one pass over dy and x ----------------------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void silu_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_silu_backward, g[0]);
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    /* g dy s' (2 + x (1 - 2 s)), s' = s (1 - s) being the sigmoid's derivative */
    cd_tensor *x = cd_activation_x(node), *s = cd_sigmoid(x), *slope = cd_mul(s, cd_sub(1, s));
    cd_tensor *curve = cd_add(2, cd_mul(x, cd_sub(1, cd_mul(s, 2))));
    grad[CD_ACTIVATION_X] = cd_mul(cd_activation_dy_times(node, g[0]), cd_mul(slope, curve));
}

const cd_op cd_op_silu_backward = {
    .name = "silu_backward",
    .grad_fn = "SiluBackwardBackward0",
    .formula = "dx = dy s (1 + x (1 - s)), s = sigmoid(x)",
    .gradient = "for dy: g s (1 + x (1 - s)), for x: g dy s (1 - s) (2 + x (1 - 2 s))",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_silu_backward,
    .save = CD_ACTIVATION_SAVES_BOTH,
    .backward = silu_backward_backward,
};
