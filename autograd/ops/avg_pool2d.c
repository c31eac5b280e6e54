/* avg_pool2d: the mean of each window of the image, in which the padding is 0. Of int64 the
 * quotient loses its fraction.
 *
 * x is N x C x H x W or C x H x W. Saves nothing: the gradient needs only the shape of x. Kernel:
 * core/cpu/pool.c. The gradient is an op itself, avg_pool2d_backward. */
#include <string.h>

#include "autograd/families/pool_internal.h"
#include "autograd/layer_ops.h"
#include "core/cpu/pool_internal.h"

static const cd_field fields[] = { { "kernel", CD_FIELD_PAIR, offsetof(cd_pool2d_sizes, kernel_h) },
                                   { "stride", CD_FIELD_PAIR, offsetof(cd_pool2d_sizes, stride_h) },
                                   { "padding", CD_FIELD_PAIR,
                                     offsetof(cd_pool2d_sizes, padding_h) },
                                   CD_FIELD(cd_pool2d_sizes, ceil_mode, BOOL),
                                   CD_FIELD(cd_pool2d_sizes, padding_counts, BOOL),
                                   CD_FIELD(cd_pool2d_sizes, divisor, INTEGER),
                                   CD_FIELDS_END };

static void avg_pool2d_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_pool2d_sizes *pool = cd_attributes_of(node);
    cd_avg_pool2d_backward_attributes a = { node->input[0].shape, *pool };
    dx[0] = cd_op_with(&cd_op_avg_pool2d_backward, &a, dy[0]);
}

static void avg_pool2d_run(const cd_launch *launch)
{
    cd_cpu_avg_pool2d(launch->attributes, launch->in[0].layout->dtype, launch->in[0].data,
                      launch->out[0].data);
}

cd_tensor *cd_avg_pool2d_with(cd_avg_pool2d_options o)
{
    cd_pool2d_sizes pool = { .padding_counts = !o.exclude_padding, .divisor = o.divisor_override };
    const cd_pool_window_options window = { .kernel = o.kernel,
                                            .stride = o.stride,
                                            .padding = o.padding,
                                            .kernel_w = o.kernel_w,
                                            .stride_w = o.stride_w,
                                            .padding_w = o.padding_w,
                                            .padding_w_is_zero = o.padding_w_is_zero,
                                            .ceil_mode = o.ceil_mode };
    if (!cd_pool_window_complete("avg_pool2d", &window, &pool)) return NULL;
    return cd_op_with(&cd_op_avg_pool2d, &pool, o.x);
}

const cd_op cd_op_avg_pool2d = {
    .name = "avg_pool2d",
    .grad_fn = "AvgPool2DBackward0",
    .like = "torch.nn.functional.avg_pool2d(x, kernel, stride, padding, ceil_mode, ...)",
    .formula = "y[c,i,j] = mean over p, q of x[c, i stride - padding + p, j stride - padding + q]",
    .gradient = "dx = dy / (size of the window), added over each window",
    .dtypes = "floating, and int64",
    .inputs = 1,
    .input = { "x" },
    .computes_in = CD_FLOATS | CD_SET(CD_I64),
    CD_OP_ATTRIBUTES(cd_pool2d_sizes, fields),
    .infer = cd_infer_pool2d,
    .cpu = { .run = avg_pool2d_run },
    .backward = avg_pool2d_backward,
};

/* --- avg_pool2d_backward: each dy spread over its window -------------------------------------- */

static const cd_field backward_fields[] = {
    CD_FIELD(cd_avg_pool2d_backward_attributes, shape, SHAPE),
    { "kernel", CD_FIELD_PAIR, offsetof(cd_avg_pool2d_backward_attributes, pool.kernel_h) },
    { "stride", CD_FIELD_PAIR, offsetof(cd_avg_pool2d_backward_attributes, pool.stride_h) },
    { "padding", CD_FIELD_PAIR, offsetof(cd_avg_pool2d_backward_attributes, pool.padding_h) },
    CD_FIELDS_END
};

/* g is the gradient of dx. The op is linear in dy, so its gradient is the pooling. */
static void avg_pool2d_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_avg_pool2d_backward_attributes *a = cd_attributes_of(node);
    cd_pool2d_sizes pool = a->pool;
    grad[0] = cd_op_with(&cd_op_avg_pool2d, &pool, g[0]);
}

static void run_backward(const cd_launch *launch)
{
    const cd_avg_pool2d_backward_attributes *a = launch->attributes;
    const cd_array *dy = &launch->in[0], *dx = &launch->out[0];
    cd_cpu_avg_pool2d_backward(&a->pool, dx->layout->dtype, dy->data, dx->data);
}

const cd_op cd_op_avg_pool2d_backward = {
    .name = "avg_pool2d_backward",
    .grad_fn = "AvgPool2DBackwardBackward0",
    .like = "torch.ops.aten.avg_pool2d_backward",
    .formula = "dx = dy / (size of the window), added over each window",
    .gradient = "for dy: avg_pool2d of g",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "dy" },
    .computes_in = CD_FLOATS,
    CD_OP_ATTRIBUTES(cd_avg_pool2d_backward_attributes, backward_fields),
    .infer = cd_infer_pool_backward,
    .cpu = { .run = run_backward },
    .backward = avg_pool2d_backward_backward,
};
