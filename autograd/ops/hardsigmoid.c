/* hardsigmoid: a sigmoid of three straight lines. No gradient passes at -3 and 3, nor where x is
 * NaN.
 *
 * Saves x. Kernels, of hardsigmoid and of its gradient, which is an op itself, and which PyTorch
 * cannot differentiate: core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"

static void hardsigmoid_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_hardsigmoid_backward, dy[0]);
}

cd_tensor *cd_hardsigmoid(cd_tensor *x)
{
    return cd_op_apply(&cd_op_hardsigmoid, x);
}

cd_tensor *cd_hardsigmoid_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_hardsigmoid, x);
}

const cd_op cd_op_hardsigmoid = {
    .name = "hardsigmoid",
    .grad_fn = "HardsigmoidBackward0",
    .like = "torch.nn.functional.hardsigmoid(x)",
    .formula = "y = min(max(x + 3, 0), 6) / 6",
    .gradient = "dx = dy / 6 where -3 < x < 3, else 0",
    CD_ACTIVATION,
    .map = CD_MAP_hardsigmoid,
    .save = { { CD_INPUT, 0 } },
    .backward = hardsigmoid_backward,
};

/* --- hardsigmoid_backward: the gradient, in one pass over dy and x ---------------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g; x gets none. */
static void hardsigmoid_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_hardsigmoid_backward, g[0]);
    }
}

const cd_op cd_op_hardsigmoid_backward = {
    .name = "hardsigmoid_backward",
    .grad_fn = "HardsigmoidBackwardBackward0",
    .formula = "dx = dy / 6 where -3 < x < 3, else 0",
    .gradient = "for dy: g / 6 where -3 < x < 3, else 0; none for x",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_hardsigmoid_backward,
    .save = CD_ACTIVATION_SAVES_X,
    .backward = hardsigmoid_backward_backward,
};
