/* autograd/ops/argmin_dim.c
 *
 *   y = index of the smallest of x along one dimension          no gradient
 *
 * int64. NaN wins over all numbers; of equal ones it is the first. The dimension goes, or stays
 * with size 1 (.keepdim); it must not be empty. */
#include "autograd/op/min_max_internal.h"

cd_tensor *cd_argmin_dim_with(cd_dim_options options)
{
    return cd_op_argmin_argmax_dim(&cd_op_argmin_dim, &options);
}

const cd_op cd_op_argmin_dim = {
    .name = "argmin_dim",
    .like = "torch.argmin(x, dim)",
    .formula = "y = index of the smallest of x along one dimension",
    .gradient = "none: an index",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_reduce_dim_fields),
    .infer = cd_infer_argmin_argmax_dim,
    .cpu = { .run = cd_run_argmin },
};
