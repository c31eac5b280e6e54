/* median: the element in the middle of all elements of x, of an even number the lower one.
 *
 * NaN if there is one, and over nothing. Equal elements share the gradient evenly. Saves x and y.
 * Kernel: core/cpu/order.c. */
#include "autograd/families/order_internal.h"

static void median_run(const cd_launch *launch)
{
    cd_run_order(launch, CD_MEDIAN);
}

cd_tensor *cd_median(cd_tensor *x)
{
    return cd_op_reduce_all(&cd_op_median, x, false);
}

const cd_op cd_op_median = {
    .name = "median",
    .grad_fn = "MedianBackward0",
    .like = "torch.median(x)",
    .formula = "y = the element of rank (n - 1) / 2 of all n elements",
    .gradient = "dx = dy / n at the n elements that are y, else 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .save = { [CD_MIN_MAX_SAVED_X] = { CD_INPUT, 0 }, [CD_MIN_MAX_SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_no_fields),
    .infer = cd_infer_median,
    .cpu = { .workspace = cd_median_workspace, .run = median_run },
    .backward = cd_min_max_backward,
};
