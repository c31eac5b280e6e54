/* logcumsumexp: logarithms of cumulative sums of exponentials, along one dimension, which do not
 * overflow.
 *
 * Saves x and y. Its gradient takes y[k - 1] - y[k], which is never positive, so that nothing
 * overflows there either:
 *
 *     dx[k] = exp(x[k] - y[k]) u[k],  u[k] = dy[k] + exp(y[k] - y[k + 1]) u[k + 1]
 *
 * Kernels: core/cpu/scan.c. */
#include "autograd/families/scan_internal.h"

enum { SAVED_X, SAVED_Y };

/* exp(y[k - 1] - y[k]) for k >= 1, with 1 where both are one infinity; any number for k = 0. */
static cd_tensor *decay(cd_tensor *y, int dim)
{
    cd_tensor *before = cd_all_but_one(y, dim, 0), *after = cd_all_but_one(y, dim, 1);
    cd_tensor *ratio = cd_where(cd_eq(before, after), 1, cd_exp(cd_sub(before, after)));
    return cd_after_ones(ratio, dim);
}

static void logcumsumexp_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_scan_attributes *a = cd_attributes_of(node);
    cd_tensor *x = cd_saved_value(node, SAVED_X), *y = cd_saved_value(node, SAVED_Y);
    if (dy[0]->shape.ndim == 0 || dy[0]->numel == 0) {
        dx[0] = dy[0];
        return;
    }
    cd_tensor *sums = cd_linear_scan(dy[0], decay(y, a->dim), a->dim, true);
    dx[0] = cd_mul(cd_exp(cd_sub(x, y)), sums);
}

static bool logcumsumexp_infer(cd_call *call)
{
    return cd_infer_scan(call) && cd_check_floating(call, call->out[0].dtype);
}

static void logcumsumexp_run(const cd_launch *launch)
{
    cd_run_scan(launch, CD_SCAN_LOGSUM);
}

cd_tensor *cd_logcumsumexp(cd_tensor *x, int dim)
{
    cd_scan_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_logcumsumexp, &a, x);
}

const cd_op cd_op_logcumsumexp = {
    .name = "logcumsumexp",
    .grad_fn = "LogcumsumexpBackward0",
    .like = "torch.logcumsumexp(x, dim)",
    .formula = "y[k] = log(exp(x[0]) + ... + exp(x[k])) along one dimension",
    .gradient = "dx[k] = sum over j >= k of dy[j] exp(x[k] - y[j])",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .save = { [SAVED_X] = { CD_INPUT, 0 }, [SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_scan_attributes, cd_scan_fields),
    .infer = logcumsumexp_infer,
    .cpu = { .run = logcumsumexp_run },
    .backward = logcumsumexp_backward,
};
