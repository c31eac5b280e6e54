/* max: the largest element of x, as a 0-d tensor.
 *
 * NaN wins over all numbers. Equal elements share the gradient evenly, as do several NaN. An empty
 * x is an error. Saves x and y. Kernel: core/cpu/reduce_min_max.c. */
#include "autograd/families/min_max_internal.h"

cd_tensor *cd_max(cd_tensor *x)
{
    return cd_op_reduce_all(&cd_op_max, x, false);
}

const cd_op cd_op_max = {
    .name = "max",
    .grad_fn = "MaxBackward1",
    .like = "torch.max(x)",
    .formula = "y = the largest of all elements of x",
    .gradient = "dx = dy / n at the n elements that are y, else 0",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .save = { [CD_MIN_MAX_SAVED_X] = { CD_INPUT, 0 }, [CD_MIN_MAX_SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_no_fields),
    .infer = cd_infer_min_max,
    .cpu = { .run = cd_run_max },
    .backward = cd_min_max_backward,
};
