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
    cd_call call;
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

enum { NDIM, SHAPE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_shape shape = { .ndim = (int)p[NDIM] };
    for (int i = 0; i < shape.ndim; i++) shape.dim[i] = (int64_t)p[SHAPE + i];
    return cd_adaptive_avg_pool2d_backward(in[0], shape);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2, 2)) }, { [NDIM] = 4, [SHAPE] = 2, 3, 4, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 3, 3)) }, { [NDIM] = 4, [SHAPE] = 1, 2, 5, 7 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 1, 1)) }, { [NDIM] = 4, [SHAPE] = 1, 2, 2, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 4, 5)) }, { [NDIM] = 4, [SHAPE] = 1, 1, 2, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 1, 1)) }, { [NDIM] = 4, [SHAPE] = 1, 1, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2, 3)) }, { [NDIM] = 3, [SHAPE] = 3, 4, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 2, 2)) }, { [NDIM] = 4, [SHAPE] = 0, 2, 4, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 0, 2)) }, { [NDIM] = 4, [SHAPE] = 1, 2, 4, 4 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 2, 2, 2));
    const cd_shape shape = CD_SHAPE(1, 2, 4, 4);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_adaptive_avg_pool2d_backward(NULL, shape));
    cd_expect_error(s, CD_ERR_SHAPE, "1x3x4x4",
                    cd_adaptive_avg_pool2d_backward(dy, CD_SHAPE(1, 3, 4, 4)));
    cd_expect_error(s, CD_ERR_SHAPE, "1x2x0x4",
                    cd_adaptive_avg_pool2d_backward(dy, CD_SHAPE(1, 2, 0, 4)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64",
                    cd_adaptive_avg_pool2d_backward(cd_to(dy, CD_I64), shape));
}

const cd_op cd_op_adaptive_avg_pool2d_backward = {
    .name = "adaptive_avg_pool2d_backward",
    .grad_fn = "AdaptiveAvgPool2DBackwardBackward0",
    .like = "torch.ops.aten._adaptive_avg_pool2d_backward",
    .formula = "dx = dy / (size of the window), added over the window",
    .gradient = "ddy = adaptive_avg_pool2d of ddx",
    .dtypes = "floating",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
