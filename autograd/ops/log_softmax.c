/* log_softmax: the logarithm of softmax, along one dimension.
 *
 * Computed from x - max(x), so that exp does not overflow. Saves y. Kernel: core/cpu/softmax.c. */
#include "autograd/families/softmax_internal.h"

static void log_softmax_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    dx[0] =
        cd_softmax_gradient(&cd_op_log_softmax_backward, dy[0], cd_saved_value(node, 0), a->dim);
}

static void log_softmax_run(const cd_launch *launch)
{
    cd_run_softmax(launch, cd_cpu_log_softmax);
}

cd_tensor *cd_log_softmax_with(cd_softmax_options options)
{
    return cd_op_softmax_call(&cd_op_log_softmax, &options);
}

const cd_op cd_op_log_softmax = {
    .name = "log_softmax",
    .grad_fn = "LogSoftmaxBackward0",
    .like = "torch.log_softmax(x, dim)",
    .formula = "y = x - log(sum(exp(x))), the sum along one dimension",
    .gradient = "dx = dy - exp(y) sum(dy)",
    .dtypes = "floating; others with .dtype",
    .inputs = 1,
    .input = { "x" },
    .save = { { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_softmax_attributes, cd_dim_fields),
    .infer = cd_infer_softmax,
    .cpu = { .run = log_softmax_run },
    .backward = log_softmax_backward,
};

/* --- log_softmax_backward: the gradient, computed by one kernel ------------------------------- */

enum { DY = CD_SOFTMAX_DY, Y = CD_SOFTMAX_Y };
enum { SAVED_Y, SAVED_DY };

/* g is the gradient of dx. */
static void log_softmax_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    const int dim = a->dim;
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    cd_tensor *g_exp = cd_mul(g[0], cd_exp(y));
    if (cd_wanted(node, DY)) grad[DY] = cd_sub(g[0], cd_sum_dim(g_exp, dim, .keepdim = true));
    if (cd_wanted(node, Y)) {
        cd_tensor *dy = cd_saved_value(node, SAVED_DY);
        grad[Y] = cd_neg(cd_mul(g_exp, cd_sum_dim(dy, dim, .keepdim = true)));
    }
}

static void run_backward(const cd_launch *launch)
{
    cd_run_softmax_backward(launch, cd_cpu_log_softmax_backward);
}

const cd_op cd_op_log_softmax_backward = {
    .name = "log_softmax_backward",
    .grad_fn = "LogSoftmaxBackwardDataBackward0",
    .formula = "dx = dy - exp(y) sum(dy)",
    .gradient = "for dy: g - sum(g exp(y)), for y: -g exp(y) sum(dy)",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "y" },
    .save = { [SAVED_Y] = { CD_INPUT, Y }, [SAVED_DY] = { CD_INPUT, DY, CD_SET(Y) } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = cd_infer_softmax_backward,
    .cpu = { .run = run_backward },
    .backward = log_softmax_backward_backward,
};
