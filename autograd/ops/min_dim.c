/* min_dim: the smallest element along one dimension, and its index, which is the second output.
 *
 * NaN wins over all numbers; of equal elements the first wins, and has the gradient. The dimension
 * is dropped, or stays with size 1 (.keepdim); an empty dimension is an error. Saves the indices.
 * Kernel: core/cpu/reduce_min_max.c. */
#include "autograd/families/min_max_internal.h"

cd_tensor *cd_min_dim_with(cd_dim_options options)
{
    return cd_op_min_max_dim(&cd_op_min_dim, &options);
}

const cd_op cd_op_min_dim = {
    .name = "min_dim",
    .grad_fn = "MinBackward0",
    .like = "torch.min(x, dim)",
    .formula = "y = the smallest of x along one dimension",
    .gradient = "dx = dy at the index, else 0",
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
