/* autograd/ops/log_softmax.c
 *
 *   y = x - log(sum(exp(x))), the sum along one dimension
 *   dx = dy - exp(y) sum(dy)
 *
 * Computed from x - max(x), so it does not overflow. Saves y. */
#include "core/cpu/softmax_internal.h"

#include "autograd/op_internal.h"

/* --- the gradient, an op itself, in one kernel ------------------------------------------------ */

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

static const cd_op log_softmax_backward_op = {
    .name = "log_softmax_backward",
    .grad_fn = "LogSoftmaxBackwardDataBackward0",
    .formula = "dx = dy - exp(y) sum(dy)",
    .gradient = "ddy = g - sum(g exp(y)), dy = -g exp(y) sum(dy)",
    .dtypes = "floating",
    .backward = backward_backward,
};

static cd_tensor *log_softmax_backward(cd_tensor *dy, cd_tensor *y, int dim)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &log_softmax_backward_op, dy, y)) return NULL;
    cd_tensor *with = cd_op_contiguous(&call, dy), *at = cd_op_contiguous(&call, y);
    cd_tensor *dx = cd_op_output(&call, y->dtype, y->shape);
    if (dx) {
        cd_lanes lanes = cd_lanes_of(y->shape, dim);
        cd_cpu_log_softmax_backward(y->dtype, lanes.outer, lanes.n, lanes.inner, cd_tensor_data(at),
                                    cd_tensor_data(with), cd_tensor_data(dx));
    }
    call.parameters.i[0] = dim;
    cd_op_save(&call, y);
    cd_op_save(&call, dy);
    return cd_op_end(&call);
}

/* With g the gradient of dx: ddy = g - sum(g exp(y)), dy' = -g exp(y) sum(dy). */
static void backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, 0), *dy = cd_saved_value(node, 1);
    int dim = (int)node->parameters->i[0];
    cd_tensor *g_p = cd_mul(g[0], cd_exp(y));
    if (cd_wanted(node, 0)) dx[0] = cd_sub(g[0], cd_sum_dim(g_p, dim, .keepdim = true));
    if (cd_wanted(node, 1)) dx[1] = cd_neg(cd_mul(g_p, cd_sum_dim(dy, dim, .keepdim = true)));
}

/* --- the op ----------------------------------------------------------------------------------- */

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = log_softmax_backward(dy[0], cd_saved_value(node, 0), (int)node->parameters->i[0]);
}

cd_tensor *cd_log_softmax(cd_tensor *x, int dim)
{
    cd_old_call call;
    int along;
    if (!cd_op_begin(&call, &cd_op_log_softmax, x) ||
        !cd_plain_dim("log_softmax", x->shape.ndim, dim, &along)) {
        return NULL;
    }
    if (!cd_op_check_floating(&call, x->dtype)) return cd_op_end(&call);
    cd_tensor *from = cd_op_contiguous(&call, x);
    cd_tensor *y = cd_op_output(&call, x->dtype, x->shape);
    if (y) {
        cd_lanes lanes = cd_lanes_of(x->shape, along);
        cd_cpu_log_softmax(x->dtype, lanes.outer, lanes.n, lanes.inner, cd_tensor_data(from),
                           cd_tensor_data(y));
    }
    call.parameters.i[0] = along;
    cd_op_save_output(&call, 0);
    return cd_op_end(&call);
}

const cd_op cd_op_log_softmax = {
    .name = "log_softmax",
    .grad_fn = "LogSoftmaxBackward0",
    .like = "torch.log_softmax(x, dim)",
    .formula = "y = x - log(sum(exp(x))), the sum along one dimension",
    .gradient = "dx = dy - exp(y) sum(dy)",
    .dtypes = "floating",
    .backward = backward,
};
