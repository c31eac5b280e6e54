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
    int dim = (int)node->parameters.i[0];
    double n = shape.ndim > 0 ? (double)shape.dim[dim] : 1;
    dx[0] = cd_expand(cd_op_restore_dim(cd_div(dy[0], n), shape, dim), shape);
}

cd_tensor *cd_mean_dim_with(cd_dim_options options)
{
    cd_call call;
    int dim;
    if (!cd_check_dim_options("mean_dim", &options, false, &dim) ||
        !cd_op_begin(&call, &cd_op_mean_dim, options.x)) {
        return NULL;
    }
    call.parameters.i[0] = dim;
    cd_op_output_mean(&call, options.x, 1U << dim, options.keepdim);
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_mean_dim(in[0], (int)p[0], .keepdim = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_mean_dim(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_mean_dim(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_mean_dim(x, -3));
    cd_tensor *indices = NULL;
    cd_expect_error(s, CD_ERR_ARGUMENT, ".indices", cd_mean_dim(x, 0, .indices = &indices));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_mean_dim(cd_arange(3), 0));
}

const cd_op cd_op_mean_dim = {
    .name = "mean_dim",
    .grad_fn = "MeanBackward1",
    .like = "torch.mean(x, dim)",
    .formula = "y = mean of x along one dimension",
    .gradient = "dx = dy / n, in x's shape",
    .dtypes = "floating",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
