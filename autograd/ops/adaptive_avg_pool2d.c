/* autograd/ops/adaptive_avg_pool2d.c
 *
 *   y[c,i,j] = mean of x[c] over rows floor(i H / height) to ceil((i + 1) H / height), columns
 * alike dx = dy / (size of the window), added over the window
 *
 * x is N x C x H x W or C x H x W. To 1 x 1 it is the mean over both dimensions, as in PyTorch. */
#include "autograd/ops_internal.h"
#include "core/cpu/pool_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_adaptive_avg_pool2d_backward(dy[0], cd_input_shape(node, 0));
}

static bool check(cd_old_call *call, const cd_tensor *x, cd_pool2d *pool)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_op_planes(call, x, pool)) return false;
    if (pool->out_h < 0 || pool->out_w < 0) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "the output's height (%lld) and width (%lld) must "
                          "not be negative",
                          (long long)pool->out_h, (long long)pool->out_w);
    }
    return (pool->height > 0 && pool->width > 0) ||
           cd_op_fail(call, CD_ERR_SHAPE, "x (%s) must have at least one row and one column",
                      cd_shape_text(x->shape, text));
}

static cd_tensor *mean_of_planes(cd_tensor *x)
{
    cd_scope scope = cd_scope_begin();
    cd_tensor *rows = cd_mean_dim(x, -1, .keepdim = true);
    return cd_ops_end(scope, cd_mean_dim(rows, -2, .keepdim = true));
}

cd_tensor *cd_adaptive_avg_pool2d(cd_tensor *x, int64_t height, int64_t width)
{
    cd_old_call call;
    cd_pool2d pool = { .out_h = height, .out_w = width };
    if (!cd_op_begin(&call, &cd_op_adaptive_avg_pool2d, x)) return NULL;
    if (!check(&call, x, &pool)) return cd_op_end(&call);
    if (height == 1 && width == 1) return mean_of_planes(x);
    cd_shape shape = x->shape;
    shape.dim[shape.ndim - 2] = height;
    shape.dim[shape.ndim - 1] = width;
    cd_tensor *from = cd_op_contiguous(&call, x);
    cd_tensor *y = cd_op_output(&call, x->dtype, shape);
    if (y && y->numel > 0) {
        cd_cpu_adaptive_avg_pool2d(&pool, y->dtype, cd_tensor_data(from), cd_tensor_data(y));
    }
    return cd_op_end(&call);
}

const cd_op cd_op_adaptive_avg_pool2d = {
    .name = "adaptive_avg_pool2d",
    .grad_fn = "AdaptiveAvgPool2DBackward0",
    .like = "torch.nn.functional.adaptive_avg_pool2d(x, (height, width))",
    .formula = "y = means over height x width windows that cover x",
    .gradient = "dx = dy / (size of the window), added over the window",
    .dtypes = "floating",
    .backward = backward,
};
