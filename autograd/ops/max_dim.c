/* autograd/ops/max_dim.c
 *
 *   y = largest of x along one dimension          dx = dy where the index says, else 0
 *
 * NaN is larger than all numbers; of equal ones the first counts, for the index and for the
 * gradient. The dimension goes, or stays with size 1 (.keepdim); it must not be empty. Saves the
 * indices. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_shape shape = cd_edge_info(node->edge[0]).shape;
    int dim = (int)node->parameters.i[0];
    cd_tensor *index = cd_op_restore_dim(cd_saved_value(node, 0), shape, dim);
    dx[0] = cd_gather_backward(cd_op_restore_dim(dy[0], shape, dim), dim, index, shape);
}

cd_tensor *cd_max_dim_with(cd_dim_options options)
{
    cd_call call;
    int dim;
    const cd_tensor *x = options.x;
    if (!cd_check_dim_options("max_dim", &options, true, &dim) ||
        !cd_op_begin(&call, &cd_op_max_dim, options.x) || !cd_op_check_extremes(&call, x, dim)) {
        return NULL;
    }
    cd_shape shape = cd_op_reduced_shape(x->shape, 1U << dim, options.keepdim);
    cd_tensor *y = cd_op_output(&call, x->dtype, shape);
    cd_tensor *index = cd_op_output(&call, CD_I64, shape);
    if (index) {
        cd_reduce_shape walk = cd_op_reduction(x, 1U << dim);
        cd_cpu_max(x->dtype, &walk, cd_tensor_data(x), cd_tensor_data(y),
                   (int64_t *)(void *)cd_tensor_data(index));
    }
    call.parameters.i[0] = dim;
    cd_op_save_output(&call, 1);
    return cd_op_end_both(&call, options.indices);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_max_dim(in[0], (int)p[0], .keepdim = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample(s, call, { cd_arange(3) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_max_dim(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_max_dim(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_max_dim(x, -3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_max_dim(cd_zeros(CD_SHAPE(2, 0)), 1));
}

const cd_op cd_op_max_dim = {
    .name = "max_dim",
    .grad_fn = "MaxBackward0",
    .like = "torch.max(x, dim)",
    .formula = "y = largest of x along one dimension",
    .gradient = "dx = dy where the index says, else 0",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
