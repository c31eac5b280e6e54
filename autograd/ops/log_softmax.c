/* autograd/ops/log_softmax.c
 *
 *   y = x - log(sum(exp(x))), the sum along one dimension
 *   dx = dy - exp(y) sum(dy)
 *
 * Computed from x - max(x), so it does not overflow. */
#include "autograd/op/reduction_internal.h"
#include "core/cpu/softmax_internal.h"

/* --- the gradient, an op itself, in one kernel ------------------------------------------------ */

enum { DY, Y };
enum { SAVED_Y, SAVED_DY };

static cd_tensor *log_softmax_backward(cd_tensor *dy, cd_tensor *y, int dim)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_log_softmax_backward, &a, dy, y);
}

/* With g the gradient of dx: ddy = g - sum(g exp(y)), dy' = -g exp(y) sum(dy). */
static void backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    const int dim = a->dim;
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    cd_tensor *g_p = cd_mul(g[0], cd_exp(y));
    if (cd_wanted(node, DY)) dx[DY] = cd_sub(g[0], cd_sum_dim(g_p, dim, .keepdim = true));
    if (cd_wanted(node, Y)) {
        cd_tensor *dy = cd_saved_value(node, SAVED_DY);
        dx[Y] = cd_neg(cd_mul(g_p, cd_sum_dim(dy, dim, .keepdim = true)));
    }
}

static void run_backward(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_argument *y = &launch->in[Y];
    const cd_outer_size_inner at = cd_outer_size_inner_of(&y->layout->shape, a->dim);
    cd_cpu_log_softmax_backward(y->layout->dtype, at.outer, at.size, at.inner, y->data,
                                launch->in[DY].data, launch->out[0].data);
}

const cd_op cd_op_log_softmax_backward = {
    .name = "log_softmax_backward",
    .grad_fn = "LogSoftmaxBackwardDataBackward0",
    .formula = "dx = dy - exp(y) sum(dy)",
    .gradient = "ddy = g - sum(g exp(y)), dy = -g exp(y) sum(dy)",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "y" },
    .save = { [SAVED_Y] = { CD_INPUT, Y }, [SAVED_DY] = { CD_INPUT, DY, CD_SET(Y) } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = cd_infer_along_dim_backward,
    .cpu = { .run = run_backward },
    .backward = backward_backward,
};

/* --- the op ----------------------------------------------------------------------------------- */

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    dx[0] = log_softmax_backward(dy[0], cd_saved_value(node, 0), a->dim);
}

static void run(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_argument *x = &launch->in[0];
    const cd_outer_size_inner at = cd_outer_size_inner_of(&x->layout->shape, a->dim);
    cd_cpu_log_softmax(x->layout->dtype, at.outer, at.size, at.inner, x->data, launch->out[0].data);
}

cd_tensor *cd_log_softmax(cd_tensor *x, int dim)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_log_softmax, &a, x);
}

const cd_op cd_op_log_softmax = {
    .name = "log_softmax",
    .grad_fn = "LogSoftmaxBackward0",
    .like = "torch.log_softmax(x, dim)",
    .formula = "y = x - log(sum(exp(x))), the sum along one dimension",
    .gradient = "dx = dy - exp(y) sum(dy)",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .save = { { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = cd_infer_along_dim,
    .cpu = { .run = run },
    .backward = backward,
};
