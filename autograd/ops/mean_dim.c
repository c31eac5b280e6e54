/* mean_dim: the mean over dimensions, n elements each, which are dropped, or stay with size 1
 * (.keepdim); of nothing it is NaN.
 *
 * Saves nothing. Kernel: the sum of core/cpu/reduce_sums.c, divided by n. */
#include "autograd/families/reduction_internal.h"

static void mean_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_attributes *a = cd_attributes_of(node);
    const cd_shape shape = node->input[0].shape;
    cd_tensor *share = cd_div(dy[0], cd_reduced_count(&shape, a->reduced));
    dx[0] = cd_op_spread(share, shape, a->reduced);
}

static bool mean_dim_infer(cd_call *call)
{
    if (!cd_infer_reduced_dims(call)) return false;
    cd_infer_sum_dtype(call);
    return cd_check_mean_dtype(call);
}

cd_tensor *cd_mean_dim_with(cd_dim_options options)
{
    return cd_op_reduce_sum_dim(&cd_op_mean_dim, &options);
}

const cd_op cd_op_mean_dim = {
    .name = "mean_dim",
    .grad_fn = "MeanBackward1",
    .like = "torch.mean(x, dim)",
    .formula = "y = mean of x over dimensions",
    .gradient = "dx = dy / n, in x's shape",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_reduce_dims_fields),
    .infer = mean_dim_infer,
    .cpu = { .run = cd_run_mean },
    .backward = mean_dim_backward,
};
