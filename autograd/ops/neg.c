/* neg: the negative. Saves nothing. Kernel: core/cpu/unary.c. */
#include "autograd/dispatch/call_internal.h"

static void neg_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_neg(dy[0]);
}

cd_tensor *cd_neg(cd_tensor *x)
{
    return cd_op_apply(&cd_op_neg, x);
}

cd_tensor *cd_neg_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_neg, x);
}

const cd_op cd_op_neg = {
    .name = "neg",
    .grad_fn = "NegBackward0",
    .like = "torch.neg(x)",
    .formula = "y = -x",
    .gradient = "dx = -dy",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_neg,
    .backward = neg_backward,
};
