/* autograd/ops/mean_dim.c
 *
 *   y = mean of x along one dimension          dx = dy / n, in x's shape
 *
 * n is the size of the dimension, which goes, or stays with size 1 (.keepdim). Over nothing the
 * mean is NaN. Floating dtypes only. Keeps the dimension. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_shape shape = cd_edge_info(node->edge[0]).shape;
    int dim = (int)node->parameters->i[0];
    double n = shape.ndim > 0 ? (double)shape.dim[dim] : 1;
    dx[0] = cd_expand(cd_op_restore_dim(cd_div(dy[0], n), shape, dim), shape);
}

cd_tensor *cd_mean_dim_with(cd_dim_options options)
{
    cd_old_call call;
    int dim;
    if (!cd_check_dim_options("mean_dim", &options, false, &dim) ||
        !cd_op_begin(&call, &cd_op_mean_dim, options.x)) {
        return NULL;
    }
    call.parameters.i[0] = dim;
    cd_op_output_mean(&call, options.x, 1U << dim, options.keepdim);
    return cd_op_end(&call);
}

const cd_op cd_op_mean_dim = {
    .name = "mean_dim",
    .grad_fn = "MeanBackward1",
    .like = "torch.mean(x, dim)",
    .formula = "y = mean of x along one dimension",
    .gradient = "dx = dy / n, in x's shape",
    .dtypes = "floating",
    .backward = backward,
};
