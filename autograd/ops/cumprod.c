/* cumprod: cumulative products along one dimension.
 *
 * Dtypes as for cumsum. The gradient is computed without a division, so that it is right beside
 * zeros:
 *
 *     dx[k] = x[0] ... x[k - 1] s[k],  s[k] = dy[k] + x[k + 1] s[k + 1]
 *
 * Saves x and y. Kernels: core/cpu/scan.c. */
#include "autograd/families/scan_internal.h"

enum { SAVED_X, SAVED_Y };

static void cumprod_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_scan_attributes *a = cd_attributes_of(node);
    cd_tensor *x = cd_saved_value(node, SAVED_X), *y = cd_saved_value(node, SAVED_Y);
    if (dy[0]->shape.ndim == 0 || dy[0]->numel == 0) {
        dx[0] = dy[0];
        return;
    }
    cd_tensor *before = cd_exclusive(y, a->dim);
    dx[0] = cd_mul(before, cd_linear_scan(dy[0], cd_to(x, dy[0]->dtype), a->dim, true));
}

static void cumprod_run(const cd_launch *launch)
{
    cd_run_scan(launch, CD_SCAN_PROD);
}

cd_tensor *cd_cumprod_with(cd_cumulative_options options)
{
    return cd_op_cumulative(&cd_op_cumprod, &options, false);
}

cd_tensor *cd_cumprod_with_(cd_cumulative_options options)
{
    return cd_op_cumulative(&cd_op_cumprod, &options, true);
}

const cd_op cd_op_cumprod = {
    .name = "cumprod",
    .grad_fn = "CumprodBackward0",
    .like = "torch.cumprod(x, dim)",
    .formula = "y[k] = x[0] ... x[k] along one dimension",
    .gradient = "dx[k] = sum over j >= k of dy[j] y[j] / x[k]",
    .dtypes = "all; integers and bool become int64",
    .inputs = 1,
    .input = { "x" },
    .computes_in = CD_NUMERIC,
    .save = { [SAVED_X] = { CD_INPUT, 0 }, [SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_scan_attributes, cd_scan_fields),
    .infer = cd_infer_cumulative,
    .cpu = { .run = cumprod_run },
    .backward = cumprod_backward,
};
