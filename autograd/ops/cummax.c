/* cummax: the largest element so far along one dimension, and its index, which is the second
 * output.
 *
 * NaN wins over all numbers. Of equal elements the last gives the index, and has the gradient;
 * of NaN too. Saves the indices. Kernel: core/cpu/scan.c. */
#include "autograd/families/min_max_internal.h"
#include "autograd/families/scan_internal.h"

static void cummax_run(const cd_launch *launch)
{
    cd_run_scan(launch, CD_SCAN_MAX);
}

cd_tensor *cd_cummax_with(cd_scan_options options)
{
    return cd_op_scan_indices(&cd_op_cummax, &options);
}

const cd_op cd_op_cummax = {
    .name = "cummax",
    .grad_fn = "CummaxBackward0",
    .like = "torch.cummax(x, dim)",
    .formula = "y[k] = the largest of x[0] to x[k] along one dimension",
    .gradient = "dx = the sum of dy where x is the largest",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_scan_attributes, cd_scan_fields),
    .infer = cd_infer_scan_indices,
    .cpu = { .workspace = cd_indices_workspace, .run = cummax_run },
    .backward = cd_scan_indices_backward,
};
