/* amin: the smallest elements over any dimensions.
 *
 * NaN wins over all numbers. Equal elements share the gradient evenly; where y is NaN the
 * gradient is NaN. Empty dimensions are an error. Saves x and y. Kernel:
 * core/cpu/reduce_min_max.c. */
#include "autograd/families/min_max_internal.h"

cd_tensor *cd_amin_with(cd_dims_options options)
{
    return cd_op_reduce_dims(&cd_op_amin, &options);
}

const cd_op cd_op_amin = {
    .name = "amin",
    .grad_fn = "AminBackward0",
    .like = "torch.amin(x, dim)",
    .formula = "y = the smallest of x over dimensions",
    .gradient = "dx = dy / n at the n elements that are y, else 0",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .save = { [CD_MIN_MAX_SAVED_X] = { CD_INPUT, 0 }, [CD_MIN_MAX_SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_reduce_dims_fields),
    .infer = cd_infer_amin_amax,
    .cpu = { .run = cd_run_min },
    .backward = cd_amin_amax_backward,
};
