/* hypot: the length of (a, b), without overflow in between. Two tensors, which broadcast.
 *
 * Saves a, b and y. Kernel: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

enum { SAVED_Y = CD_SAVED_RIGHT + 1 };

static void hypot_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    if (cd_wanted(node, CD_LEFT)) {
        dx[CD_LEFT] = cd_mul(dy[0], cd_div(cd_saved_value(node, CD_SAVED_LEFT), y));
    }
    if (cd_wanted(node, CD_RIGHT)) {
        dx[CD_RIGHT] = cd_mul(dy[0], cd_div(cd_saved_value(node, CD_SAVED_RIGHT), y));
    }
}

cd_tensor *cd_hypot(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_hypot, a, b);
}

cd_tensor *cd_hypot_(cd_tensor *x, cd_tensor *b)
{
    return cd_op_in_place(&cd_op_hypot, x, b);
}

const cd_op cd_op_hypot = {
    .name = "hypot",
    .grad_fn = "HypotBackward0",
    .like = "torch.hypot(a, b)",
    .formula = "y = sqrt(a^2 + b^2)",
    .gradient = "da = dy a / y, db = dy b / y",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_hypot,
    .save = { [CD_SAVED_LEFT] = { CD_INPUT, CD_LEFT, CD_SET(CD_LEFT) },
              [CD_SAVED_RIGHT] = { CD_INPUT, CD_RIGHT, CD_SET(CD_RIGHT) },
              [SAVED_Y] = { CD_OUTPUT, 0 } },
    .backward = hypot_backward,
};
