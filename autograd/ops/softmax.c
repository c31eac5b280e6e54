/* softmax: each row along one dimension becomes positive numbers that sum to 1.
 *
 * Computed from x - max(x), so that exp does not overflow. A row that holds NaN or +inf, or nothing
 * but -inf, is NaN. Saves y. Kernel: core/cpu/softmax.c. */
#include "autograd/families/softmax_internal.h"

static void softmax_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    dx[0] = cd_softmax_gradient(&cd_op_softmax_backward, dy[0], cd_saved_value(node, 0), a->dim);
}

static void softmax_run(const cd_launch *launch)
{
    cd_run_softmax(launch, cd_cpu_softmax);
}

cd_tensor *cd_softmax_with(cd_softmax_options options)
{
    return cd_op_softmax_call(&cd_op_softmax, &options);
}

const cd_op cd_op_softmax = {
    .name = "softmax",
    .grad_fn = "SoftmaxBackward0",
    .like = "torch.softmax(x, dim)",
    .formula = "y = exp(x) / sum(exp(x)), the sum along one dimension",
    .gradient = "dx = y (dy - sum(dy y))",
    .dtypes = "floating; others with .dtype",
    .inputs = 1,
    .input = { "x" },
    .save = { { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_softmax_attributes, cd_dim_fields),
    .infer = cd_infer_softmax,
    .cpu = { .run = softmax_run },
    .backward = softmax_backward,
};

/* --- softmax_backward: the gradient, computed by one kernel ----------------------------------- */

enum { DY = CD_SOFTMAX_DY, Y = CD_SOFTMAX_Y };
enum { SAVED_Y, SAVED_DY };

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void softmax_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    const int dim = a->dim;
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    if (cd_wanted(node, DY)) grad[DY] = cd_softmax_gradient(&cd_op_softmax_backward, g[0], y, dim);
    if (cd_wanted(node, Y)) {
        cd_tensor *dy = cd_saved_value(node, SAVED_DY);
        cd_tensor *dy_y = cd_sum_dim(cd_mul(dy, y), dim, .keepdim = true);
        cd_tensor *g_y = cd_sum_dim(cd_mul(g[0], y), dim, .keepdim = true);
        grad[Y] = cd_sub(cd_mul(g[0], cd_sub(dy, dy_y)), cd_mul(dy, g_y));
    }
}

static void run_backward(const cd_launch *launch)
{
    cd_run_softmax_backward(launch, cd_cpu_softmax_backward);
}

const cd_op cd_op_softmax_backward = {
    .name = "softmax_backward",
    .grad_fn = "SoftmaxBackwardDataBackward0",
    .formula = "dx = y (dy - sum(dy y))",
    .gradient = "for dy: y (g - sum(g y)), for y: g (dy - sum(dy y)) - dy sum(g y)",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "y" },
    .save = { [SAVED_Y] = { CD_INPUT, Y }, [SAVED_DY] = { CD_INPUT, DY, CD_SET(Y) } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = cd_infer_softmax_backward,
    .cpu = { .run = run_backward },
    .backward = softmax_backward_backward,
};
