/* autograd/ops/mean.c
 *
 *   y = mean of all elements of x          dx = dy / n, in x's shape
 *
 * 0-d; over nothing it is NaN. Floating dtypes only. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_shape shape = cd_edge_info(node->edge[0]).shape;
    int64_t n = 0;
    (void)cd_shape_elements(shape, &n);
    dx[0] = cd_expand(cd_div(dy[0], (double)n), shape);
}

cd_tensor *cd_mean(cd_tensor *x)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_mean, x)) return NULL;
    cd_op_output_mean(&call, x, cd_all_dims(x->shape), false);
    return cd_op_end(&call);
}

const cd_op cd_op_mean = {
    .name = "mean",
    .grad_fn = "MeanBackward0",
    .like = "torch.mean(x)",
    .formula = "y = mean of all elements of x",
    .gradient = "dx = dy / n, in x's shape",
    .dtypes = "floating",
    .backward = backward,
};
