/* cumsum: cumulative sums along one dimension.
 *
 * Integers and bool are summed as int64, in place as x's own dtype, unless .dtype asks for
 * another one. Floats are summed in double. Saves nothing. Kernel: core/cpu/scan.c, from the
 * last element back for the gradient. */
#include "autograd/families/scan_internal.h"

static void cumsum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_scan_attributes *a = cd_attributes_of(node);
    cd_scan_attributes back = { .dim = a->dim, .reverse = !a->reverse };
    dx[0] = cd_op_with(&cd_op_cumsum, &back, dy[0]);
}

static void cumsum_run(const cd_launch *launch)
{
    cd_run_scan(launch, CD_SCAN_SUM);
}

cd_tensor *cd_cumsum_with(cd_cumulative_options options)
{
    return cd_op_cumulative(&cd_op_cumsum, &options, false);
}

cd_tensor *cd_cumsum_with_(cd_cumulative_options options)
{
    return cd_op_cumulative(&cd_op_cumsum, &options, true);
}

const cd_op cd_op_cumsum = {
    .name = "cumsum",
    .grad_fn = "CumsumBackward0",
    .like = "torch.cumsum(x, dim)",
    .formula = "y[k] = x[0] + ... + x[k] along one dimension",
    .gradient = "dx[k] = dy[k] + ... + dy[n - 1]",
    .dtypes = "all; integers and bool become int64",
    .inputs = 1,
    .input = { "x" },
    .computes_in = CD_NUMERIC,
    CD_OP_ATTRIBUTES(cd_scan_attributes, cd_scan_fields),
    .infer = cd_infer_cumulative,
    .cpu = { .run = cumsum_run },
    .backward = cumsum_backward,
};
