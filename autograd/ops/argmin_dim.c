/* argmin_dim: the index of the smallest element along one dimension.
 *
 * The result is int64. NaN wins over all numbers; of equal elements the first wins. The dimension
 * is dropped, or stays with size 1 (.keepdim); an empty dimension is an error. No gradient. Kernel:
 * core/cpu/reduce_min_max.c. */
#include "autograd/families/min_max_internal.h"

cd_tensor *cd_argmin_dim_with(cd_dim_options options)
{
    return cd_op_reduce_dim(&cd_op_argmin_dim, &options);
}

const cd_op cd_op_argmin_dim = {
    .name = "argmin_dim",
    .like = "torch.argmin(x, dim)",
    .formula = "y = index of the smallest of x along one dimension",
    .gradient = "none: an index has no gradient",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_reduce_dim_fields),
    .infer = cd_infer_argmin_argmax_dim,
    .cpu = { .run = cd_run_argmin },
};
