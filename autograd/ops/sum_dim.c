/* sum_dim: the sum over dimensions, which are dropped, or stay with size 1 (.keepdim); of
 * nothing it is 0.
 *
 * Integers and bool are summed as int64, unless .dtype asks for another dtype. Saves nothing.
 * Kernel: core/cpu/reduce_sums.c. */
#include "autograd/families/reduction_internal.h"

static void sum_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_attributes *a = cd_attributes_of(node);
    dx[0] = cd_op_spread(dy[0], node->input[0].shape, a->reduced);
}

static bool sum_dim_infer(cd_call *call)
{
    if (!cd_infer_reduced_dims(call)) return false;
    cd_infer_sum_dtype(call);
    return true;
}

cd_tensor *cd_sum_dim_with(cd_dim_options options)
{
    return cd_op_reduce_sum_dim(&cd_op_sum_dim, &options);
}

const cd_op cd_op_sum_dim = {
    .name = "sum_dim",
    .grad_fn = "SumBackward1",
    .like = "torch.sum(x, dim)",
    .formula = "y = sum of x over dimensions",
    .gradient = "dx = dy, in x's shape",
    .dtypes = "all; integers and bool become int64",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_reduce_dims_fields),
    .infer = sum_dim_infer,
    .cpu = { .workspace = cd_integers_workspace, .run = cd_run_sum },
    .backward = sum_dim_backward,
};
