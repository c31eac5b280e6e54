/* autograd/ops/softmax.c
 *
 *   y = exp(x) / sum(exp(x)), the sum along one dimension
 *   dx = y (dy - sum(dy y))
 *
 * Computed from x - max(x), so it does not overflow; NaN where a row holds NaN, +inf, or only -inf.
 */
#include "autograd/op/reduction_internal.h"
#include "core/cpu/softmax_internal.h"

/* --- the gradient, an op itself, in one kernel ------------------------------------------------ */

enum { DY, Y };
enum { SAVED_Y, SAVED_DY };

static cd_tensor *softmax_backward(cd_tensor *dy, cd_tensor *y, int dim)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_softmax_backward, &a, dy, y);
}

/* With g the gradient of dx: ddy = y (g - sum(g y)), which is the same op, and
 * dy' = g (dy - sum(dy y)) - dy sum(g y). */
static void backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    const int dim = a->dim;
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    if (cd_wanted(node, DY)) dx[DY] = softmax_backward(g[0], y, dim);
    if (cd_wanted(node, Y)) {
        cd_tensor *dy = cd_saved_value(node, SAVED_DY);
        cd_tensor *dy_y = cd_sum_dim(cd_mul(dy, y), dim, .keepdim = true);
        cd_tensor *g_y = cd_sum_dim(cd_mul(g[0], y), dim, .keepdim = true);
        dx[Y] = cd_sub(cd_mul(g[0], cd_sub(dy, dy_y)), cd_mul(dy, g_y));
    }
}

static void run_backward(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_argument *y = &launch->in[Y];
    const cd_outer_size_inner at = cd_outer_size_inner_of(&y->layout->shape, a->dim);
    cd_cpu_softmax_backward(y->layout->dtype, at.outer, at.size, at.inner, y->data,
                            launch->in[DY].data, launch->out[0].data);
}

const cd_op cd_op_softmax_backward = {
    .name = "softmax_backward",
    .grad_fn = "SoftmaxBackwardDataBackward0",
    .formula = "dx = y (dy - sum(dy y))",
    .gradient = "ddy = y (g - sum(g y)), dy = g (dy - sum(dy y)) - dy sum(g y)",
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
    dx[0] = softmax_backward(dy[0], cd_saved_value(node, 0), a->dim);
}

static void run(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_argument *x = &launch->in[0];
    const cd_outer_size_inner at = cd_outer_size_inner_of(&x->layout->shape, a->dim);
    cd_cpu_softmax(x->layout->dtype, at.outer, at.size, at.inner, x->data, launch->out[0].data);
}

cd_tensor *cd_softmax(cd_tensor *x, int dim)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_softmax, &a, x);
}

const cd_op cd_op_softmax = {
    .name = "softmax",
    .grad_fn = "SoftmaxBackward0",
    .like = "torch.softmax(x, dim)",
    .formula = "y = exp(x) / sum(exp(x)), the sum along one dimension",
    .gradient = "dx = y (dy - sum(dy y))",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .save = { { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = cd_infer_along_dim,
    .cpu = { .run = run },
    .backward = backward,
};
