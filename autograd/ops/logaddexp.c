/* logaddexp: the logarithm of a sum of powers, which does not overflow. Two tensors, which
 * broadcast.
 *
 * Saves a and b. Kernel: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

/* dy / (1 + exp(other - own)) */
static cd_tensor *share(cd_tensor *dy, cd_tensor *own, cd_tensor *other)
{
    cd_tensor *difference = cd_sub(other, own);
    return cd_div(dy, cd_add(cd_exp(difference), 1));
}

static void logaddexp_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *a = cd_saved_value(node, CD_SAVED_LEFT), *b = cd_saved_value(node, CD_SAVED_RIGHT);
    if (cd_wanted(node, CD_LEFT)) dx[CD_LEFT] = share(dy[0], a, b);
    if (cd_wanted(node, CD_RIGHT)) dx[CD_RIGHT] = share(dy[0], b, a);
}

cd_tensor *cd_logaddexp(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_logaddexp, a, b);
}

const cd_op cd_op_logaddexp = {
    .name = "logaddexp",
    .grad_fn = "LogaddexpBackward0",
    .like = "torch.logaddexp(a, b)",
    .formula = "y = log(exp(a) + exp(b))",
    .gradient = "da = dy / (1 + exp(b - a)), db = dy / (1 + exp(a - b))",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_logaddexp,
    .save = CD_SAVE_BOTH,
    .backward = logaddexp_backward,
};
