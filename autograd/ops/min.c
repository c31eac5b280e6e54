/* autograd/ops/min.c
 *
 *   y = the smallest of all elements of x
 *   dx = dy / n where x is y, n being how often it is, else 0
 *
 * 0-d. NaN wins over all numbers, and then it is the NaNs that share the gradient. x must not be
 * empty. Saves x and y. */
#include "autograd/extremes_internal.h"

cd_tensor *cd_min(cd_tensor *x)
{
    return cd_op_extreme(&cd_op_min, cd_cpu_min, x);
}

const cd_op cd_op_min = {
    .name = "min",
    .grad_fn = "MinBackward1",
    .like = "torch.min(x)",
    .formula = "y = the smallest of all elements of x",
    .gradient = "dx = dy / n where x is y, which it is n times, else 0",
    .dtypes = "all",
    .backward = cd_extreme_backward,
};
