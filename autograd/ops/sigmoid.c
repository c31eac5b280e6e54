/* sigmoid: the logistic function. Integers and bool become float32.
 *
 * Saves y. Kernels: core/cpu/unary.c; that of the gradient, which is an op itself:
 * core/cpu/binary.c. */
#include "autograd/dispatch/call_internal.h"

static void sigmoid_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_op_apply(&cd_op_sigmoid_backward, dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_sigmoid(cd_tensor *x)
{
    return cd_op_apply(&cd_op_sigmoid, x);
}

cd_tensor *cd_sigmoid_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_sigmoid, x);
}

const cd_op cd_op_sigmoid = {
    .name = "sigmoid",
    .grad_fn = "SigmoidBackward0",
    .like = "torch.sigmoid(x)",
    .formula = "y = 1 / (1 + exp(-x))",
    .gradient = "dx = dy * y * (1 - y)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_sigmoid,
    .save = { { CD_OUTPUT, 0 } },
    .backward = sigmoid_backward,
};

/* --- sigmoid_backward: the gradient, in one pass over dy and y -------------------------------- */

enum { DY, Y }; /* its inputs */
enum { SAVED_DY, SAVED_Y };

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void sigmoid_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    if (cd_wanted(node, DY)) grad[DY] = cd_op_apply(&cd_op_sigmoid_backward, g[0], y);
    if (cd_wanted(node, Y)) {
        cd_tensor *dy = cd_saved_value(node, SAVED_DY);
        grad[Y] = cd_mul(cd_mul(g[0], dy), cd_sub(1, cd_mul(y, 2)));
    }
}

const cd_op cd_op_sigmoid_backward = {
    .name = "sigmoid_backward",
    .grad_fn = "SigmoidBackwardBackward0",
    .formula = "dx = dy * y * (1 - y)",
    .gradient = "for dy: g * y * (1 - y), for y: g * dy * (1 - 2 y)",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "y" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_sigmoid_backward,
    .save = { [SAVED_DY] = { CD_INPUT, DY, CD_SET(Y) }, [SAVED_Y] = { CD_INPUT, Y } },
    .backward = sigmoid_backward_backward,
};
