/* nanmedian: the median of all elements of x that are not NaN.
 *
 * NaN if there is nothing else. Equal elements share the gradient evenly. Saves x and y. Kernel:
 * core/cpu/order.c. */
#include "autograd/families/order_internal.h"

static void nanmedian_run(const cd_launch *launch)
{
    cd_run_order(launch, CD_NANMEDIAN);
}

cd_tensor *cd_nanmedian(cd_tensor *x)
{
    return cd_op_reduce_all(&cd_op_nanmedian, x, false);
}

const cd_op cd_op_nanmedian = {
    .name = "nanmedian",
    .grad_fn = "NanmedianBackward0",
    .like = "torch.nanmedian(x)",
    .formula = "y = the element of rank (n - 1) / 2 of all n elements that are not NaN",
    .gradient = "dx = dy / n at the n elements that are y, else 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .save = { [CD_MIN_MAX_SAVED_X] = { CD_INPUT, 0 }, [CD_MIN_MAX_SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_no_fields),
    .infer = cd_infer_median,
    .cpu = { .workspace = cd_median_workspace, .run = nanmedian_run },
    .backward = cd_min_max_backward,
};
