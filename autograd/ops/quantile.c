/* quantile: the element of rank q (n - 1) of n elements in order, or what .interpolation makes
 * of the two beside that rank; along one dimension, or of all elements as a vector. If q is a
 * tensor, it is made of other ops, as in PyTorch.
 *
 * NaN where one is NaN. An empty dimension is an error. Saves the indices of the two elements
 * and the weight of the upper one. Kernel: core/cpu/order.c. */
#include "autograd/families/order_internal.h"

static void quantile_run(const cd_launch *launch)
{
    cd_run_quantile(launch, false);
}

cd_tensor *cd_quantile_with(cd_quantile_options options)
{
    return cd_quantile_call(&cd_op_quantile, &options);
}

const cd_op cd_op_quantile = {
    .name = "quantile",
    .grad_fn = "QuantileBackward0",
    .like = "torch.quantile(x, q, dim, interpolation=...)",
    .formula = "y = the element of rank q (n - 1) along one dimension",
    .gradient = "dx = dy times its weight at each of the two elements of y, else 0",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .outputs = 4,
    .output = { [CD_QUANTILE_BELOW] = { .hidden = true },
                [CD_QUANTILE_ABOVE] = { .hidden = true },
                [CD_QUANTILE_WEIGHT] = { .hidden = true } },
    .save = { { CD_OUTPUT, CD_QUANTILE_BELOW },
              { CD_OUTPUT, CD_QUANTILE_ABOVE },
              { CD_OUTPUT, CD_QUANTILE_WEIGHT } },
    CD_OP_ATTRIBUTES(cd_quantile_attributes, cd_quantile_fields),
    .infer = cd_infer_quantile,
    .cpu = { .workspace = cd_median_workspace, .run = quantile_run },
    .backward = cd_quantile_backward,
};
