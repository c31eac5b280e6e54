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

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_sum_dim(in[0], (int)p[0], .keepdim = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample(s, call, { cd_arange(3) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_sum_dim(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_sum_dim(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_sum_dim(x, -3));
    cd_tensor *indices = NULL;
    cd_expect_error(s, CD_ERR_ARGUMENT, ".indices", cd_sum_dim(x, 0, .indices = &indices));
}

const cd_op cd_op_sum_dim = {
    .name = "sum_dim",
    .grad_fn = "SumBackward1",
    .like = "torch.sum(x, dim)",
    .formula = "y = sum of x along one dimension",
    .gradient = "dx = dy, in x's shape",
    .dtypes = "all; integers and bool become int64",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
