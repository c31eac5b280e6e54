/* var_mean: the variance over dimensions, n elements each, with .correction, 1 by default.
 *
 * Two outputs: the variance, and the mean of x.
 *
 * With n at most the correction it is infinite, or NaN where x is constant. The mean is subtracted
 * before anything is squared. Saves x. Kernel: core/cpu/reduce_moments.c. */
#include "autograd/families/variance_internal.h"

cd_tensor *cd_var_mean_with(cd_var_mean_options options)
{
    return cd_var_mean_call(&cd_op_var_mean, &options);
}

const cd_op cd_op_var_mean = {
    .name = "var_mean",
    .grad_fn = "VarMeanBackward0",
    .like = "torch.var_mean(x, dim, correction=...)",
    .formula = "y = sum((x - mean)^2) / (n - correction), and mean(x)",
    .gradient = "dx = 2 dy (x - mean) / (n - correction) + dmean / n",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { [CD_VAR_SAVED_X] = { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_var_attributes, cd_var_fields),
    .infer = cd_infer_var,
    .cpu = { .run = cd_run_var },
    .backward = cd_var_backward,
};
