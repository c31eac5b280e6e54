/* autograd/ops/max.c
 *
 *   y = the largest of all elements of x
 *   dx = dy / n where x is y, n being how often it is, else 0
 *
 * 0-d. NaN wins over all numbers, and then it is the NaNs that share the gradient. x must not be
 * empty. Saves x and y. */
#include "autograd/extremes_internal.h"

cd_tensor *cd_max(cd_tensor *x)
{
    return cd_op_extreme(&cd_op_max, cd_cpu_max, x);
}

const cd_op cd_op_max = {
    .name = "max",
    .grad_fn = "MaxBackward1",
    .like = "torch.max(x)",
    .formula = "y = the largest of all elements of x",
    .gradient = "dx = dy / n where x is y, which it is n times, else 0",
    .dtypes = "all",
    .backward = cd_extreme_backward,
};
