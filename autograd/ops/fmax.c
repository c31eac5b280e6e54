/* fmax: the larger of two tensors, which broadcast; beside NaN the other one, and NaN of two NaN.
 *
 * Saves a and b. Kernel: core/cpu/arithmetic.c. The one that is chosen has the gradient, equal ones
 * half of it each, and a that of two NaN. */
#include "autograd/families/arithmetic_internal.h"

static void fmax_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *a = cd_saved_value(node, CD_SAVED_LEFT), *b = cd_saved_value(node, CD_SAVED_RIGHT);
    cd_tensor *first = cd_logical_or(cd_ge(a, b), cd_ne(b, b));
    cd_tensor *share = cd_where(cd_eq(a, b), cd_mul(dy[0], 0.5), dy[0]);
    if (cd_wanted(node, CD_LEFT)) dx[CD_LEFT] = cd_where(first, share, 0);
    if (cd_wanted(node, CD_RIGHT)) {
        dx[CD_RIGHT] = cd_where(cd_logical_and(first, cd_ne(a, b)), 0, share);
    }
}

cd_tensor *cd_fmax(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_fmax, a, b);
}

const cd_op cd_op_fmax = {
    .name = "fmax",
    .grad_fn = "FmaxBackward0",
    .like = "torch.fmax(a, b)",
    .formula = "y = max(a, b), where NaN does not count",
    .gradient = "dy to the one that is chosen; half to each where they are equal",
    .dtypes = "all",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_fmax,
    .save = CD_SAVE_BOTH,
    .backward = fmax_backward,
};
