/* autograd/ops/adaptive_avg_pool2d_backward.c
 *
 *   dx = dy / (size of the window), added over the window of adaptive_avg_pool2d
 *   ddy = adaptive_avg_pool2d of ddx
 *
 * The map is linear, so the gradient of the gradient is the pooling again. */
#include <string.h>

#include "autograd/op/pool_internal.h"
#include "core/cpu/pool_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shape shape = node->input[0].shape;
    dx[0] = cd_adaptive_avg_pool2d(dy[0], shape.dim[shape.ndim - 2], shape.dim[shape.ndim - 1]);
}

static bool infer(cd_call *call)
{
    const cd_shape_attributes *a = call->launch.attributes;
    const cd_tensor *dy = call->in[0].tensor;
    if (!cd_check_planes(call, dy) || !cd_check_fits_planes(call, dy, a->shape)) return false;
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = dy->dtype;
    call->out[0].shape = a->shape;
    return true;
}

static void run(const cd_launch *launch)
{
    const cd_argument *dy = &launch->in[0], *dx = &launch->out[0];
    cd_pool2d_sizes pool, out;
    cd_pool_planes(dx->layout->shape, &pool);
    cd_pool_planes(dy->layout->shape, &out);
    pool.out_h = out.height;
    pool.out_w = out.width;
    if (dy->layout->numel > 0) {
        cd_cpu_adaptive_avg_pool2d_backward(&pool, dx->layout->dtype, dy->data, dx->data);
    } else {
        memset(dx->data, 0, (size_t)dx->layout->numel * cd_dtype_size(dx->layout->dtype));
    }
}

cd_tensor *cd_adaptive_avg_pool2d_backward(cd_tensor *dy, cd_shape shape)
{
    cd_shape_attributes a = { shape };
    return cd_op_with(&cd_op_adaptive_avg_pool2d_backward, &a, dy);
}

const cd_op cd_op_adaptive_avg_pool2d_backward = {
    .name = "adaptive_avg_pool2d_backward",
    .grad_fn = "AdaptiveAvgPool2DBackwardBackward0",
    .like = "torch.ops.aten._adaptive_avg_pool2d_backward",
    .formula = "dx = dy / (size of the window), added over the window",
    .gradient = "ddy = adaptive_avg_pool2d of ddx",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "dy" },
    CD_OP_ATTRIBUTES(cd_shape_attributes, cd_shape_fields),
    .infer = infer,
    .cpu = { .run = run },
    .backward = backward,
};
