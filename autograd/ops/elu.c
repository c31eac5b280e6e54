/* elu: x, which becomes an exponential below 0.
 *
 * Saves x. In place (the op elu_, with a node of its own) it saves the result, which has the
 * sign of x unless alpha is negative. Kernels: core/cpu/activation.c. The gradients are ops
 * themselves, which celu and selu have too, with other numbers. */
#include "autograd/families/activation_internal.h"

cd_tensor *cd_elu_with(cd_elu_options o)
{
    cd_elu_numbers a = { .alpha = cd_option_or(o.alpha, 1), .scale = 1, .input_scale = 1 };
    return o.inplace ? cd_op_in_place_with(&cd_op_elu_, &a, o.x) : cd_op_with(&cd_op_elu, &a, o.x);
}

const cd_op cd_op_elu = {
    .name = "elu",
    .grad_fn = "EluBackward0",
    .like = "torch.nn.functional.elu(x, alpha=1)",
    .formula = "y = x where x > 0, else alpha (exp(x) - 1)",
    .gradient = "dx = dy where x > 0, else dy alpha exp(x)",
    CD_ELU,
    .save = { { CD_INPUT, 0 } },
    .backward = cd_elu_backward,
};

const cd_op cd_op_elu_ = {
    .name = "elu_",
    .grad_fn = "EluBackward1",
    .like = "torch.nn.functional.elu_(x, alpha=1)",
    .formula = "x = x where x > 0, else alpha (exp(x) - 1)",
    .gradient = "dx = dy where y > 0, else dy (y + alpha); an error if alpha < 0",
    CD_ELU,
    .save = { { CD_OUTPUT, 0 } },
    .backward = cd_elu_result_backward,
};

/* --- elu_backward: the gradient, in one pass over dy and x ------------------------------------ */

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void elu_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_elu_backward, g[0]);
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    const cd_elu_numbers *a = cd_attributes_of(node);
    cd_tensor *below = cd_lt(cd_activation_x(node), 0);
    cd_tensor *both = cd_mul(cd_activation_dy_times(node, g[0]), a->input_scale);
    cd_tensor *curve = cd_activation_gradient(node, &cd_op_elu_backward, both);
    grad[CD_ACTIVATION_X] = cd_where(below, curve, 0);
}

const cd_op cd_op_elu_backward = {
    .name = "elu_backward",
    .grad_fn = "EluBackwardBackward0",
    .formula = "dx = dy scale where x > 0, else dy input_scale alpha scale exp(input_scale x)",
    .gradient =
        "for dy: the same of g, for x: input_scale times the same of g dy where x < 0, else 0",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_elu_backward,
    CD_OP_ATTRIBUTES(cd_elu_numbers, cd_elu_fields),
    .infer = cd_infer_activation,
    .save = CD_ACTIVATION_SAVES_BOTH,
    .backward = elu_backward_backward,
};

/* --- elu_result_backward: the gradient, in one pass over dy and the result -------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void elu_result_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_elu_result_backward, g[0]);
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    const cd_elu_numbers *a = cd_attributes_of(node);
    cd_tensor *below = cd_lt(cd_activation_x(node), 0);
    cd_tensor *both = cd_mul(cd_activation_dy_times(node, g[0]), a->input_scale);
    grad[CD_ACTIVATION_X] = cd_where(below, both, 0);
}

const cd_op cd_op_elu_result_backward = {
    .name = "elu_result_backward",
    .grad_fn = "EluBackwardBackward0",
    .formula = "dx = dy scale where x > 0, else dy input_scale (x + alpha scale), of the result x",
    .gradient = "for dy: the same of g, for x: input_scale g dy where x < 0, else 0",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_elu_result_backward,
    CD_OP_ATTRIBUTES(cd_elu_numbers, cd_elu_fields),
    .infer = cd_infer_activation,
    .save = CD_ACTIVATION_SAVES_BOTH,
    .backward = elu_result_backward_backward,
};
