/* count_nonzero: how many elements of x are not 0, over dimensions, as int64.
 *
 * NaN is not 0. No gradient. Kernel: core/cpu/reduce_truth.c. */
#include "autograd/families/reduction_internal.h"

static bool count_nonzero_infer(cd_call *call)
{
    if (!cd_infer_reduced_dims(call)) return false;
    call->out[0].dtype = CD_I64;
    return true;
}

static void count_nonzero_run(const cd_launch *launch)
{
    cd_run_reduce(launch, cd_cpu_count_nonzero);
}

cd_tensor *cd_count_nonzero_with(cd_dims_options options)
{
    return cd_op_reduce_dims(&cd_op_count_nonzero, &options);
}

const cd_op cd_op_count_nonzero = {
    .name = "count_nonzero",
    .like = "torch.count_nonzero(x, dim)",
    .formula = "y = how many elements of x are not 0",
    .gradient = "none: a count has no gradient",
    .dtypes = "all; the result is int64",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_reduce_dims_fields),
    .infer = count_nonzero_infer,
    .cpu = { .run = count_nonzero_run },
};
