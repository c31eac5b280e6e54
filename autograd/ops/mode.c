/* mode: the element that occurs most often along one dimension, and the last index where it
 * stands, which is the second output. Of several elements that occur as often it is the
 * smallest.
 *
 * No NaN is equal to another, and where all are NaN the index is 0. The dimension is dropped, or
 * stays with size 1 (.keepdim); an empty dimension is an error. Saves the indices. Kernel:
 * core/cpu/order.c. */
#include "autograd/families/order_internal.h"

static void mode_run(const cd_launch *launch)
{
    cd_run_order(launch, CD_MODE);
}

cd_tensor *cd_mode_with(cd_dim_options options)
{
    return cd_op_min_max_dim(&cd_op_mode, &options);
}

const cd_op cd_op_mode = {
    .name = "mode",
    .grad_fn = "ModeBackward0",
    .like = "torch.mode(x, dim)",
    .formula = "y = the element that occurs most often along one dimension",
    .gradient = "dx = dy at the index, else 0",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_reduce_dim_fields),
    .infer = cd_infer_min_max_dim,
    .cpu = { .workspace = cd_mode_workspace, .run = mode_run },
    .backward = cd_min_max_dim_backward,
};
