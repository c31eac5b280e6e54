/* hardshrink: x, but 0 near 0. NaN stays; its gradient is 0, as by PyTorch's vector code.
 *
 * Saves x. Kernels, of hardshrink and of its gradient, which is an op itself:
 * core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_shrink_numbers, lambd, REAL), CD_FIELDS_END };

static void hardshrink_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_hardshrink_backward, dy[0]);
}

cd_tensor *cd_hardshrink_with(cd_shrink_options o)
{
    cd_shrink_numbers a = { .lambd = cd_option_or(o.lambd, 0.5) };
    return cd_op_with(&cd_op_hardshrink, &a, o.x);
}

const cd_op cd_op_hardshrink = {
    .name = "hardshrink",
    .grad_fn = "HardshrinkBackward0",
    .like = "torch.nn.functional.hardshrink(x, lambd=0.5)",
    .formula = "y = 0 where -lambd <= x <= lambd, else x",
    .gradient = "dx = dy where x > lambd or x < -lambd, else 0",
    CD_ACTIVATION,
    .map = CD_MAP_hardshrink,
    CD_OP_ATTRIBUTES(cd_shrink_numbers, fields),
    .infer = cd_infer_activation,
    .save = { { CD_INPUT, 0 } },
    .backward = hardshrink_backward,
};

/* --- hardshrink_backward: the gradient, in one pass over dy and x ----------------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g; x gets none. */
static void hardshrink_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_hardshrink_backward, g[0]);
    }
}

const cd_op cd_op_hardshrink_backward = {
    .name = "hardshrink_backward",
    .grad_fn = "HardshrinkBackwardBackward0",
    .formula = "dx = dy where x > lambd or x < -lambd, else 0",
    .gradient = "for dy: the same of g; none for x",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_shrink_backward,
    CD_OP_ATTRIBUTES(cd_shrink_numbers, fields),
    .infer = cd_infer_activation,
    .save = CD_ACTIVATION_SAVES_X,
    .backward = hardshrink_backward_backward,
};
