/* adaptive_avg_pool2d_backward: the gradient of adaptive_avg_pool2d, an op so that it can be
 * differentiated again.
 *
 * Saves nothing. It is linear in dy, so its gradient is the pooling. Kernel: core/cpu/pool.c. */
#include <string.h>

#include "autograd/families/pool_internal.h"
#include "core/cpu/pool_internal.h"

/* g is the gradient of dx. */
static void adaptive_avg_pool2d_backward_backward(cd_node *node, cd_tensor *const *g,
                                                  cd_tensor **grad)
{
    const cd_shape shape = node->input[0].shape;
    grad[0] = cd_adaptive_avg_pool2d(g[0], shape.dim[shape.ndim - 2], shape.dim[shape.ndim - 1]);
}

static void adaptive_avg_pool2d_backward_run(const cd_launch *launch)
{
    const cd_array *dy = &launch->in[0], *dx = &launch->out[0];
    const cd_pool2d_sizes pool = cd_pool_between(&dx->layout->shape, &dy->layout->shape);
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
    .formula = "dx = dy / (size of the window), added over each window",
    .gradient = "for dy: adaptive_avg_pool2d of g",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "dy" },
    .computes_in = CD_FLOATS,
    CD_OP_ATTRIBUTES(cd_shape_attributes, cd_shape_fields),
    .infer = cd_infer_pool_backward,
    .cpu = { .run = adaptive_avg_pool2d_backward_run },
    .backward = adaptive_avg_pool2d_backward_backward,
};
