/* mean_dim: the mean along one dimension of size n, which is dropped, or stays with size 1
 * (.keepdim); of nothing it is NaN.
 *
 * Saves nothing. Kernel: the sum of core/cpu/reduce_sums.c, divided by n. */
#include "autograd/families/reduction_internal.h"

static void mean_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_attributes *a = cd_attributes_of(node);
    const cd_shape shape = node->input[0].shape;
    const double n = shape.ndim > 0 ? (double)shape.dim[a->dim] : 1;
    dx[0] = cd_expand(cd_op_restore_dim(cd_div(dy[0], n), shape, a->dim), shape);
}

static bool mean_dim_infer(cd_call *call)
{
    return cd_infer_reduced_dim(call) && cd_check_floating(call, call->out[0].dtype);
}

cd_tensor *cd_mean_dim_with(cd_dim_options options)
{
    return cd_op_reduce_dim(&cd_op_mean_dim, &options);
}

const cd_op cd_op_mean_dim = {
    .name = "mean_dim",
    .grad_fn = "MeanBackward1",
    .like = "torch.mean(x, dim)",
    .formula = "y = mean of x along one dimension",
    .gradient = "dx = dy / n, in x's shape",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_reduce_dim_fields),
    .infer = mean_dim_infer,
    .cpu = { .run = cd_run_mean },
    .backward = mean_dim_backward,
};
