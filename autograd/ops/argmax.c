/* argmax: the index of the largest element of x.
 *
 * The result is int64, 0-d or with sizes of 1 (.keepdim). The index counts row by row, as if x were
 * flat. NaN wins over all numbers; of equal elements the first wins. An empty x is an error. No
 * gradient. Kernel: core/cpu/reduce_min_max.c. */
#include "autograd/families/min_max_internal.h"

cd_tensor *cd_argmax_with(cd_argmax_options options)
{
    return cd_op_reduce_all(&cd_op_argmax, options.x, options.keepdim);
}

const cd_op cd_op_argmax = {
    .name = "argmax",
    .like = "torch.argmax(x)",
    .formula = "y = index of the largest of all elements of x",
    .gradient = "none: an index has no gradient",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_no_fields),
    .infer = cd_infer_argmin_argmax,
    .cpu = { .run = cd_run_argmax },
};
