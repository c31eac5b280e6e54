/* softplus: a smooth relu, computed as max(v, 0) + log(1 + exp(-|v|)) with v = beta x, over
 * beta. Where v is above the threshold it is x itself.
 *
 * Saves x. Kernels, of softplus and of its gradient, which is an op itself:
 * core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_softplus_numbers, beta, REAL),
                                   CD_FIELD(cd_softplus_numbers, threshold, REAL), CD_FIELDS_END };

static void softplus_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_softplus_backward, dy[0]);
}

cd_tensor *cd_softplus_with(cd_softplus_options o)
{
    cd_softplus_numbers a = { .beta = cd_option_or(o.beta, 1),
                              .threshold = cd_option_or(o.threshold, 20) };
    return cd_op_with(&cd_op_softplus, &a, o.x);
}

const cd_op cd_op_softplus = {
    .name = "softplus",
    .grad_fn = "SoftplusBackward0",
    .like = "torch.nn.functional.softplus(x, beta=1, threshold=20)",
    .formula = "y = log(1 + exp(beta x)) / beta, or x where beta x > threshold",
    .gradient = "dx = dy sigmoid(beta x), or dy where beta x > threshold",
    CD_ACTIVATION,
    .map = CD_MAP_softplus,
    CD_OP_ATTRIBUTES(cd_softplus_numbers, fields),
    .infer = cd_infer_activation,
    .save = { { CD_INPUT, 0 } },
    .backward = softplus_backward,
};

/* --- softplus_backward: the gradient, in one pass over dy and x ------------------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void softplus_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_softplus_backward, g[0]);
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    const cd_softplus_numbers *a = cd_attributes_of(node);
    cd_tensor *v = cd_mul(cd_activation_x(node), a->beta), *s = cd_sigmoid(v);
    cd_tensor *curve = cd_mul(cd_mul(s, cd_sub(1, s)), a->beta);
    cd_tensor *both = cd_mul(cd_activation_dy_times(node, g[0]), curve);
    grad[CD_ACTIVATION_X] = cd_mul(both, cd_lt(v, a->threshold)); /* so that NaN stays */
}

const cd_op cd_op_softplus_backward = {
    .name = "softplus_backward",
    .grad_fn = "SoftplusBackwardBackward0",
    .formula = "dx = dy sigmoid(beta x), or dy where beta x > threshold",
    .gradient = "for dy: the same of g, for x: g dy beta s (1 - s), s = sigmoid(beta x), or 0 "
                "where beta x >= threshold",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_softplus_backward,
    CD_OP_ATTRIBUTES(cd_softplus_numbers, fields),
    .infer = cd_infer_activation,
    .save = CD_ACTIVATION_SAVES_BOTH,
    .backward = softplus_backward_backward,
};
