/* adaptive_avg_pool2d: the averages of windows that cover the image, as many as the output has
 * pixels.
 *
 * x is N x C x H x W or C x H x W. Neighbouring windows may overlap by a row or a column. An output
 * of 1 x 1 is made of other ops, the mean over both dimensions, as in PyTorch.
 *
 * Saves nothing: the gradient needs only the shape of x. Kernel: core/cpu/pool.c. */
#include "autograd/families/pool_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/pool_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_adaptive_pool2d_attributes, size, PAIR),
                                   CD_FIELDS_END };

static void adaptive_avg_pool2d_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_adaptive_avg_pool2d_backward(dy[0], node->input[0].shape);
}

static void adaptive_avg_pool2d_run(const cd_launch *launch)
{
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    const cd_pool2d_sizes pool = cd_pool_between(&x->layout->shape, &y->layout->shape);
    cd_cpu_adaptive_avg_pool2d(&pool, x->layout->dtype, x->data, y->data);
}

static cd_tensor *mean_of_planes(cd_tensor *x)
{
    cd_scope scope = cd_scope_begin();
    cd_tensor *rows = cd_mean_dim(x, -1, .keepdim = true);
    return cd_ops_end(scope, cd_mean_dim(rows, -2, .keepdim = true));
}

cd_tensor *cd_adaptive_avg_pool2d(cd_tensor *x, int64_t height, int64_t width)
{
    cd_adaptive_pool2d_attributes a = { { height, width } };
    if (height == 1 && width == 1) {
        return cd_op_check_call(&cd_op_adaptive_avg_pool2d, &a, x) ? mean_of_planes(x) : NULL;
    }
    return cd_op_with(&cd_op_adaptive_avg_pool2d, &a, x);
}

const cd_op cd_op_adaptive_avg_pool2d = {
    .name = "adaptive_avg_pool2d",
    .grad_fn = "AdaptiveAvgPool2DBackward0",
    .like = "torch.nn.functional.adaptive_avg_pool2d(x, (height, width))",
    .formula = "y[c,i,j] = mean of x[c] over rows floor(i H / height) to ceil((i + 1) H / height) "
               "- 1, and "
               "columns alike",
    .gradient = "dx = dy / (size of the window), added over each window",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .computes_in = CD_FLOATS,
    CD_OP_ATTRIBUTES(cd_adaptive_pool2d_attributes, fields),
    .infer = cd_infer_adaptive_pool2d,
    .cpu = { .run = adaptive_avg_pool2d_run },
    .backward = adaptive_avg_pool2d_backward,
};
