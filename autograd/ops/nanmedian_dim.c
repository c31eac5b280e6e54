/* nanmedian_dim: the nanmedian along one dimension, and the index of the first element that is
 * equal to it, which is the second output.
 *
 * The dimension is dropped, or stays with size 1 (.keepdim); an empty dimension is an error. Saves
 * the indices. Kernel: core/cpu/order.c. */
#include "autograd/families/order_internal.h"

static void nanmedian_dim_run(const cd_launch *launch)
{
    cd_run_order(launch, CD_NANMEDIAN);
}

cd_tensor *cd_nanmedian_dim_with(cd_dim_options options)
{
    return cd_op_min_max_dim(&cd_op_nanmedian_dim, &options);
}

const cd_op cd_op_nanmedian_dim = {
    .name = "nanmedian_dim",
    .grad_fn = "NanmedianBackward1",
    .like = "torch.nanmedian(x, dim)",
    .formula = "y = the median of what is not NaN, along one dimension",
    .gradient = "dx = dy at the index, else 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_reduce_dim_fields),
    .infer = cd_infer_median_dim,
    .cpu = { .workspace = cd_median_workspace, .run = nanmedian_dim_run },
    .backward = cd_min_max_dim_backward,
};
