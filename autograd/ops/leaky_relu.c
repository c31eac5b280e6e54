/* leaky_relu: x, times a small number where it is not positive.
 *
 * Saves x. In place (the op leaky_relu_, with a node of its own) it saves the result, which has the
 * sign of x unless negative_slope is negative. Kernels, of leaky_relu and of its gradient, which is
 * an op itself: core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_leaky_relu_numbers, negative_slope, REAL),
                                   CD_FIELDS_END };

static void leaky_relu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_leaky_relu_backward, dy[0]);
}

cd_tensor *cd_leaky_relu_with(cd_leaky_relu_options o)
{
    cd_leaky_relu_numbers a = { .negative_slope = cd_option_or(o.negative_slope, 0.01) };
    return o.inplace ? cd_op_in_place_with(&cd_op_leaky_relu_, &a, o.x)
                     : cd_op_with(&cd_op_leaky_relu, &a, o.x);
}

const cd_op cd_op_leaky_relu = {
    .name = "leaky_relu",
    .grad_fn = "LeakyReluBackward0",
    .like = "torch.nn.functional.leaky_relu(x, negative_slope=0.01)",
    .formula = "y = x where x > 0, else negative_slope x",
    .gradient = "dx = dy where x > 0, else negative_slope dy",
    CD_ACTIVATION,
    .map = CD_MAP_leaky_relu,
    CD_OP_ATTRIBUTES(cd_leaky_relu_numbers, fields),
    .infer = cd_infer_activation,
    .save = { { CD_INPUT, 0 } },
    .backward = leaky_relu_backward,
};

/* --- leaky_relu_: the same in place ----------------------------------------------------------- */

static void leaky_relu_result_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_leaky_relu_numbers *a = cd_attributes_of(node);
    if (cd_check_result_has_sign(node, "negative_slope", a->negative_slope)) {
        dx[0] = cd_activation_gradient(node, &cd_op_leaky_relu_backward, dy[0]);
    }
}

const cd_op cd_op_leaky_relu_ = {
    .name = "leaky_relu_",
    .grad_fn = "LeakyReluBackward1",
    .like = "torch.nn.functional.leaky_relu_(x, negative_slope=0.01)",
    .formula = "x = x where x > 0, else negative_slope x",
    .gradient = "dx = dy where y > 0, else negative_slope dy; an error if negative_slope < 0",
    CD_ACTIVATION,
    .map = CD_MAP_leaky_relu,
    CD_OP_ATTRIBUTES(cd_leaky_relu_numbers, fields),
    .infer = cd_infer_activation,
    .save = { { CD_OUTPUT, 0 } },
    .backward = leaky_relu_result_backward,
};

/* --- leaky_relu_backward: the gradient, in one pass over dy and x ----------------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g; x gets none. */
static void leaky_relu_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_leaky_relu_backward, g[0]);
    }
}

const cd_op cd_op_leaky_relu_backward = {
    .name = "leaky_relu_backward",
    .grad_fn = "LeakyReluBackwardBackward0",
    .formula = "dx = dy where x > 0, else negative_slope dy",
    .gradient = "for dy: the same of g; none for x",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_leaky_relu_backward,
    CD_OP_ATTRIBUTES(cd_leaky_relu_numbers, fields),
    .infer = cd_infer_activation,
    .save = CD_ACTIVATION_SAVES_X,
    .backward = leaky_relu_backward_backward,
};
