/* autograd/ops/argmax.c
 *
 *   y = index of the largest of all elements of x          no gradient
 *
 * int64, 0-d: counted row by row, as if x were flat. NaN wins over all numbers; of equal ones it is
 * the first. x must not be empty. */
#include "autograd/extremes_internal.h"

cd_tensor *cd_argmax(cd_tensor *x)
{
    return cd_op_extreme_place(&cd_op_argmax, cd_cpu_max, x);
}

const cd_op cd_op_argmax = {
    .name = "argmax",
    .like = "torch.argmax(x)",
    .formula = "y = index of the largest of all elements of x",
    .gradient = "none: an index",
    .dtypes = "all but bool",
};
