/* sum_dim: the sum along one dimension, which is dropped, or stays with size 1 (.keepdim); of
 * nothing it is 0.
 *
 * Integers and bool are summed as int64. Saves nothing. Kernel: core/cpu/reduce_sums.c. */
#include "autograd/families/reduction_internal.h"

static void sum_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_attributes *a = cd_attributes_of(node);
    const cd_shape shape = node->input[0].shape;
    dx[0] = cd_expand(cd_op_restore_dim(dy[0], shape, a->dim), shape);
}

static bool sum_dim_infer(cd_call *call)
{
    if (!cd_infer_reduced_dim(call)) return false;
    call->out[0].dtype = cd_sum_type(call->out[0].dtype);
    return true;
}

cd_tensor *cd_sum_dim_with(cd_dim_options options)
{
    return cd_op_reduce_dim(&cd_op_sum_dim, &options);
}

const cd_op cd_op_sum_dim = {
    .name = "sum_dim",
    .grad_fn = "SumBackward1",
    .like = "torch.sum(x, dim)",
    .formula = "y = sum of x along one dimension",
    .gradient = "dx = dy, in x's shape",
    .dtypes = "all; integers and bool become int64",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_reduce_dim_fields),
    .infer = sum_dim_infer,
    .cpu = { .run = cd_run_sum },
    .backward = sum_dim_backward,
};
