/* logaddexp2: the logarithm to base 2 of a sum of powers of 2, which does not overflow. Two
 * tensors, which broadcast.
 *
 * Saves a and b. Kernel: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

/* dy / (1 + 2^(other - own)) */
static cd_tensor *share(cd_tensor *dy, cd_tensor *own, cd_tensor *other)
{
    cd_tensor *difference = cd_sub(other, own);
    return cd_div(dy, cd_add(cd_pow(2, difference), 1));
}

static void logaddexp2_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *a = cd_saved_value(node, CD_SAVED_LEFT), *b = cd_saved_value(node, CD_SAVED_RIGHT);
    if (cd_wanted(node, CD_LEFT)) dx[CD_LEFT] = share(dy[0], a, b);
    if (cd_wanted(node, CD_RIGHT)) dx[CD_RIGHT] = share(dy[0], b, a);
}

cd_tensor *cd_logaddexp2(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_logaddexp2, a, b);
}

const cd_op cd_op_logaddexp2 = {
    .name = "logaddexp2",
    .grad_fn = "Logaddexp2Backward0",
    .like = "torch.logaddexp2(a, b)",
    .formula = "y = log2(2^a + 2^b)",
    .gradient = "da = dy / (1 + 2^(b - a)), db = dy / (1 + 2^(a - b))",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_logaddexp2,
    .save = CD_SAVE_BOTH,
    .backward = logaddexp2_backward,
};
