/* autograd/ops/max.c
 *
 *   y = the largest of all elements of x
 *   dx = dy / n where x is y, n being how often it is, else 0
 *
 * 0-d. NaN wins over all numbers, and then it is the NaNs that share the gradient. x must not be
 * empty. */
#include "autograd/op/min_max_internal.h"

cd_tensor *cd_max(cd_tensor *x)
{
    return cd_op_min_max(&cd_op_max, x);
}

const cd_op cd_op_max = {
    .name = "max",
    .grad_fn = "MaxBackward1",
    .like = "torch.max(x)",
    .formula = "y = the largest of all elements of x",
    .gradient = "dx = dy / n where x is y, which it is n times, else 0",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .save = { [CD_MIN_MAX_SAVED_X] = { CD_INPUT, 0 }, [CD_MIN_MAX_SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_no_fields),
    .infer = cd_infer_min_max,
    .cpu = { .run = cd_run_max },
    .backward = cd_min_max_backward,
};
