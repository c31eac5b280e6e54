/* autograd/ops/argmax.c
 *
 *   y = index of the largest of all elements of x          no gradient
 *
 * int64, 0-d: counted row by row, as if x were flat. NaN wins over all numbers; of equal ones it is
 * the first. x must not be empty. */
#include "autograd/op/min_max_internal.h"

cd_tensor *cd_argmax(cd_tensor *x)
{
    return cd_op_min_max(&cd_op_argmax, x);
}

const cd_op cd_op_argmax = {
    .name = "argmax",
    .like = "torch.argmax(x)",
    .formula = "y = index of the largest of all elements of x",
    .gradient = "none: an index",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_no_fields),
    .infer = cd_infer_argmin_argmax,
    .cpu = { .run = cd_run_argmax },
};
