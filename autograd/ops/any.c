/* any: whether an element of x is not 0, over dimensions; false over nothing.
 *
 * NaN is not 0. The result is bool, of uint8 it is uint8 as in PyTorch. No gradient. Kernel:
 * core/cpu/reduce_truth.c. */
#include "autograd/families/reduction_internal.h"

static void any_run(const cd_launch *launch)
{
    cd_run_reduce(launch, cd_cpu_any);
}

cd_tensor *cd_any_with(cd_dims_options options)
{
    return cd_op_reduce_dims(&cd_op_any, &options);
}

const cd_op cd_op_any = {
    .name = "any",
    .like = "torch.any(x, dim)",
    .formula = "y = whether an element of x is not 0",
    .gradient = "none: it is a truth value",
    .dtypes = "all; the result is bool, uint8 for uint8",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_reduce_dims_fields),
    .infer = cd_infer_truth,
    .cpu = { .run = any_run },
};
