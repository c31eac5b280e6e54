/* mean: the mean of all n elements of x, as a 0-d tensor; of nothing it is NaN.
 *
 * Saves nothing. Kernel: the sum of core/cpu/reduce_sums.c, divided by n. */
#include "autograd/families/reduction_internal.h"

static void mean_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shape shape = node->input[0].shape;
    dx[0] = cd_expand(cd_div(dy[0], cd_reduced_count(&shape, cd_all_dims(shape))), shape);
}

static bool mean_infer(cd_call *call)
{
    cd_infer_reduced(call, cd_all_dims(call->in[0].tensor->shape));
    cd_infer_sum_dtype(call);
    return cd_check_mean_dtype(call);
}

cd_tensor *cd_mean_with(cd_sum_options options)
{
    return cd_op_reduce_sum(&cd_op_mean, &cd_op_mean_dim, &options);
}

const cd_op cd_op_mean = {
    .name = "mean",
    .grad_fn = "MeanBackward0",
    .like = "torch.mean(x)",
    .formula = "y = mean of all elements of x",
    .gradient = "dx = dy / n, in x's shape",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_no_fields),
    .infer = mean_infer,
    .cpu = { .run = cd_run_mean },
    .backward = mean_backward,
};
