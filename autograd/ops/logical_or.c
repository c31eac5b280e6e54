/* logical_or: whether, of two tensors that broadcast, at least one is true. A number is true unless
 * it is 0, and NaN is true.
 *
 * In place the truth becomes 0 or 1 in x's dtype, and as in PyTorch the history of x stays as it
 * was. Kernel: core/cpu/logic.c. */
#include "autograd/dispatch/call_internal.h"

cd_tensor *cd_logical_or(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_logical_or, a, b);
}

cd_tensor *cd_logical_or_(cd_tensor *x, cd_tensor *b)
{
    return cd_op_in_place(&cd_op_logical_or, x, b);
}

const cd_op cd_op_logical_or = {
    .name = "logical_or",
    .like = "torch.logical_or(a, b)",
    .formula = "y = a or b is true, as bool",
    .gradient = "none: y is bool",
    .dtypes = "all",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_logical_or,
};
