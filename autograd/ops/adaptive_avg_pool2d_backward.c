/* autograd/ops/adaptive_avg_pool2d_backward.c
 *
 *   dx = dy / (size of the window), added over the window of adaptive_avg_pool2d
 *   ddy = adaptive_avg_pool2d of ddx
 *
 * The map is linear, so the gradient of the gradient is the pooling again. */
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/cpu/pool_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_shape shape = cd_input_shape(node, 0);
    dx[0] = cd_adaptive_avg_pool2d(dy[0], shape.dim[shape.ndim - 2], shape.dim[shape.ndim - 1]);
}

cd_tensor *cd_adaptive_avg_pool2d_backward(cd_tensor *dy, cd_shape shape)
{
    cd_old_call call;
    cd_pool2d pool, out;
    if (!cd_op_begin(&call, &cd_op_adaptive_avg_pool2d_backward, dy)) return NULL;
    if (!cd_op_planes(&call, dy, &out) || !cd_op_fits_planes(&call, dy, shape))
        return cd_op_end(&call);
    cd_tensor *from = cd_op_contiguous(&call, dy);
    cd_tensor *dx = cd_op_output(&call, dy->dtype, shape);
    if (dx && cd_op_planes(&call, dx, &pool)) {
        pool.out_h = out.height;
        pool.out_w = out.width;
        if (dy->numel > 0) {
            cd_cpu_adaptive_avg_pool2d_backward(&pool, dx->dtype, cd_tensor_data(from),
                                                cd_tensor_data(dx));
        } else {
            memset(cd_tensor_data(dx), 0, dx->storage->bytes);
        }
    }
    return cd_op_end(&call);
}

const cd_op cd_op_adaptive_avg_pool2d_backward = {
    .name = "adaptive_avg_pool2d_backward",
    .grad_fn = "AdaptiveAvgPool2DBackwardBackward0",
    .like = "torch.ops.aten._adaptive_avg_pool2d_backward",
    .formula = "dx = dy / (size of the window), added over the window",
    .gradient = "ddy = adaptive_avg_pool2d of ddx",
    .dtypes = "floating",
    .backward = backward,
};
