/* autograd/ops/sum_dim.c
 *
 *   y = sum of x along one dimension          dx = dy, in x's shape
 *
 * The dimension goes, or stays with size 1 (.keepdim). Over nothing the sum is 0. Integers and bool
 * are summed as int64. Keeps the dimension. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_shape shape = cd_edge_info(node->edge[0]).shape;
    dx[0] = cd_expand(cd_op_restore_dim(dy[0], shape, (int)node->parameters.i[0]), shape);
}

cd_tensor *cd_sum_dim_with(cd_dim_options options)
{
    cd_call call;
    int dim;
    if (!cd_check_dim_options("sum_dim", &options, false, &dim) ||
        !cd_op_begin(&call, &cd_op_sum_dim, options.x)) {
        return NULL;
    }
    call.parameters.i[0] = dim;
    (void)cd_op_output_sum(&call, options.x, 1U << dim, options.keepdim);
    return cd_op_end(&call);
}

const cd_op cd_op_sum_dim = {
    .name = "sum_dim",
    .grad_fn = "SumBackward1",
    .like = "torch.sum(x, dim)",
    .formula = "y = sum of x along one dimension",
    .gradient = "dx = dy, in x's shape",
    .dtypes = "all; integers and bool become int64",
    .backward = backward,
};
