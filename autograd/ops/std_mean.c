/* std_mean: the standard deviation over dimensions, n elements each, with .correction, 1 by
 * default.
 *
 * Two outputs: the standard deviation, and the mean of x.
 *
 * With n at most the correction it is infinite, or NaN where x is constant. The mean is
 * subtracted before anything is squared. Saves x and y. Kernel: core/cpu/reduce_moments.c. */
#include "autograd/families/variance_internal.h"

cd_tensor *cd_std_mean_with(cd_var_mean_options options)
{
    return cd_var_mean_call(&cd_op_std_mean, &options);
}

const cd_op cd_op_std_mean = {
    .name = "std_mean",
    .grad_fn = "StdMeanBackward0",
    .like = "torch.std_mean(x, dim, correction=...)",
    .formula = "y = sqrt(sum((x - mean)^2) / (n - correction)), and mean(x)",
    .gradient = "dx = dy (x - mean) / (y (n - correction)) + dmean / n",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { [CD_VAR_SAVED_X] = { CD_INPUT, 0 }, [CD_VAR_SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_var_attributes, cd_var_fields),
    .infer = cd_infer_var,
    .cpu = { .run = cd_run_std },
    .backward = cd_std_backward,
};
