/* logical_not: whether x is 0, or false.
 *
 * In place the truth becomes 0 or 1 in x's dtype, and as in PyTorch the history of x stays as it
 * was. Kernel: core/cpu/logic.c. */
#include "autograd/dispatch/call_internal.h"

cd_tensor *cd_logical_not(cd_tensor *x)
{
    return cd_op_apply(&cd_op_logical_not, x);
}

cd_tensor *cd_logical_not_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_logical_not, x);
}

const cd_op cd_op_logical_not = {
    .name = "logical_not",
    .like = "torch.logical_not(x)",
    .formula = "y = x == 0, as bool",
    .gradient = "none: y is bool",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_logical_not,
};
