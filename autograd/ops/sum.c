/* sum: the sum of all elements of x, as a 0-d tensor; of nothing it is 0.
 *
 * Integers and bool are summed as int64, unless .dtype asks for another dtype. Saves nothing.
 * Kernel: core/cpu/reduce_sums.c. */
#include "autograd/families/reduction_internal.h"

static void sum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_expand(dy[0], node->input[0].shape);
}

static bool sum_infer(cd_call *call)
{
    cd_infer_reduced(call, cd_all_dims(call->in[0].tensor->shape));
    cd_infer_sum_dtype(call);
    return true;
}

cd_tensor *cd_sum_with(cd_sum_options options)
{
    return cd_op_reduce_sum(&cd_op_sum, &cd_op_sum_dim, &options);
}

const cd_op cd_op_sum = {
    .name = "sum",
    .grad_fn = "SumBackward0",
    .like = "torch.sum(x)",
    .formula = "y = sum of all elements of x",
    .gradient = "dx = dy, in x's shape",
    .dtypes = "all; integers and bool become int64",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_no_fields),
    .infer = sum_infer,
    .cpu = { .workspace = cd_integers_workspace, .run = cd_run_sum },
    .backward = sum_backward,
};
