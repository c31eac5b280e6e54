/* autograd/ops/min_dim.c
 *
 *   y = smallest of x along one dimension          dx = dy where the index says, else 0
 *
 * NaN wins over all numbers; of equal ones the first counts, for the index and for the gradient.
 * The dimension goes, or stays with size 1 (.keepdim); it must not be empty. The second output are
 * the indices. */
#include "autograd/op/min_max_internal.h"

cd_tensor *cd_min_dim_with(cd_dim_options options)
{
    return cd_op_min_max_dim(&cd_op_min_dim, &options);
}

const cd_op cd_op_min_dim = {
    .name = "min_dim",
    .grad_fn = "MinBackward0",
    .like = "torch.min(x, dim)",
    .formula = "y = smallest of x along one dimension",
    .gradient = "dx = dy where the index says, else 0",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_reduce_dim_fields),
    .infer = cd_infer_min_max_dim,
    .cpu = { .workspace = cd_indices_workspace, .run = cd_run_min },
    .backward = cd_min_max_dim_backward,
};
