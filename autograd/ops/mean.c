/* mean: the mean of all n elements of x, as a 0-d tensor; of nothing it is NaN.
 *
 * Saves nothing. Kernel: the sum of core/cpu/reduce_sums.c, divided by n. */
#include "autograd/families/reduction_internal.h"

static void mean_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shape shape = node->input[0].shape;
    int64_t n = 0;
    (void)cd_shape_elements(shape, &n);
    dx[0] = cd_expand(cd_div(dy[0], (double)n), shape);
}

static bool mean_infer(cd_call *call)
{
    cd_infer_reduced(call, cd_all_dims(call->in[0].tensor->shape));
    return cd_check_floating(call, call->out[0].dtype);
}

cd_tensor *cd_mean(cd_tensor *x)
{
    return cd_op_reduce_all(&cd_op_mean, x);
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
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_no_fields),
    .infer = mean_infer,
    .cpu = { .run = cd_run_mean },
    .backward = mean_backward,
};
