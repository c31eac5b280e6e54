/* threshold: x where it is above a number, else another number. NaN stays, and its gradient passes.
 *
 * Saves x. In place (the op threshold_) only the node's name is another one. Kernels:
 * core/cpu/activation.c. The gradient is an op itself. */
#include "autograd/families/activation_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_threshold_numbers, threshold, REAL),
                                   CD_FIELD(cd_threshold_numbers, value, REAL), CD_FIELDS_END };

static void threshold_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_threshold_backward, dy[0]);
}

cd_tensor *cd_threshold_with(cd_threshold_options o)
{
    cd_threshold_numbers a = { .threshold = o.threshold, .value = o.value };
    return o.inplace ? cd_op_in_place_with(&cd_op_threshold_, &a, o.x)
                     : cd_op_with(&cd_op_threshold, &a, o.x);
}

/* Members of both descriptors. */
#define THRESHOLD                                                                                  \
    .dtypes = "all but bool", .inputs = 1, .input = { "x" }, .elementwise = CD_SAME,               \
    .computes_in = CD_NUMERIC

const cd_op cd_op_threshold = {
    .name = "threshold",
    .grad_fn = "ThresholdBackward0",
    .like = "torch.nn.functional.threshold(x, threshold, value)",
    .formula = "y = x where x > threshold, else value",
    .gradient = "dx = dy where x > threshold, else 0",
    THRESHOLD,
    .map = CD_MAP_threshold,
    CD_OP_ATTRIBUTES(cd_threshold_numbers, fields),
    .infer = cd_infer_activation,
    .save = { { CD_INPUT, 0 } },
    .backward = threshold_backward,
};

const cd_op cd_op_threshold_ = {
    .name = "threshold_",
    .grad_fn = "ThresholdBackward1",
    .like = "torch.nn.functional.threshold_(x, threshold, value)",
    .formula = "x = x where x > threshold, else value",
    .gradient = "dx = dy where x was > threshold, else 0",
    THRESHOLD,
    .map = CD_MAP_threshold,
    CD_OP_ATTRIBUTES(cd_threshold_numbers, fields),
    .infer = cd_infer_activation,
    .save = { { CD_INPUT, 0 } },
    .backward = threshold_backward,
};

/* --- threshold_backward: the gradient, in one pass over dy and x ------------------------------ */

/* g is the gradient of dx. The gradient of dy is the same op of g; x gets none. */
static void threshold_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_threshold_backward, g[0]);
    }
}

const cd_op cd_op_threshold_backward = {
    .name = "threshold_backward",
    .grad_fn = "ThresholdBackwardBackward0",
    .formula = "dx = 0 where x <= threshold, else dy",
    .gradient = "for dy: the same of g; none for x",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_threshold_backward,
    CD_OP_ATTRIBUTES(cd_threshold_numbers, fields),
    .infer = cd_infer_activation,
    .save = CD_ACTIVATION_SAVES_X,
    .backward = threshold_backward_backward,
};
