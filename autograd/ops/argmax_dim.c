/* autograd/ops/argmax_dim.c
 *
 *   y = index of the largest of x along one dimension          no gradient
 *
 * int64. NaN is larger than all numbers; of equal ones it is the first. The dimension goes, or
 * stays with size 1 (.keepdim); it must not be empty. */
#include "autograd/op_internal.h"

cd_tensor *cd_argmax_dim_with(cd_dim_options options)
{
    cd_call call;
    int dim;
    const cd_tensor *x = options.x;
    if (!cd_check_dim_options("argmax_dim", &options, false, &dim) ||
        !cd_op_begin(&call, &cd_op_argmax_dim, options.x) || !cd_op_check_extremes(&call, x, dim)) {
        return NULL;
    }
    if (x->dtype == CD_BOOL) {
        (void)cd_op_fail(&call, CD_ERR_DTYPE, "is not defined for bool");
        return NULL;
    }
    cd_tensor *index =
        cd_op_output(&call, CD_I64, cd_op_reduced_shape(x->shape, 1U << dim, options.keepdim));
    if (index) {
        cd_reduce_shape walk = cd_op_reduction(x, 1U << dim);
        cd_cpu_max(x->dtype, &walk, cd_tensor_data(x), NULL,
                   (int64_t *)(void *)cd_tensor_data(index));
    }
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_argmax_dim(in[0], (int)p[0], .keepdim = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample(s, call, { cd_arange(3) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_argmax_dim(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_argmax_dim(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_argmax_dim(x, -3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_argmax_dim(cd_zeros(CD_SHAPE(2, 0)), 1));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_argmax_dim(cd_eq(x, 0), 1));
    cd_tensor *indices = NULL;
    cd_expect_error(s, CD_ERR_ARGUMENT, ".indices", cd_argmax_dim(x, 0, .indices = &indices));
}

const cd_op cd_op_argmax_dim = {
    .name = "argmax_dim",
    .like = "torch.argmax(x, dim)",
    .formula = "y = index of the largest of x along one dimension",
    .gradient = "none: an index",
    .dtypes = "all but bool",
    .samples = samples,
    .misuse = misuse,
};
