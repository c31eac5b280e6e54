/* autograd/ops/sum.c
 *
 *   y = sum of all elements of x          dx = dy, in x's shape
 *
 * 0-d; over nothing it is 0. Integers and bool are summed as int64. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_expand(dy[0], cd_edge_info(node->edge[0]).shape);
}

cd_tensor *cd_sum(cd_tensor *x)
{
    cd_call call;
    if (!cd_op_begin(&call, &cd_op_sum, x)) return NULL;
    (void)cd_op_output_sum(&call, x, cd_all_dims(x->shape), false);
    return cd_op_end(&call);
}

const cd_op cd_op_sum = {
    .name = "sum",
    .grad_fn = "SumBackward0",
    .like = "torch.sum(x)",
    .formula = "y = sum of all elements of x",
    .gradient = "dx = dy, in x's shape",
    .dtypes = "all; integers and bool become int64",
    .backward = backward,
};
