/* autograd/ops/argmin_dim.c
 *
 *   y = index of the smallest of x along one dimension          no gradient
 *
 * int64. NaN wins over all numbers; of equal ones it is the first. The dimension goes, or stays
 * with size 1 (.keepdim); it must not be empty. */
#include "autograd/extremes_internal.h"

cd_tensor *cd_argmin_dim_with(cd_dim_options options)
{
    return cd_op_extreme_place_dim(&cd_op_argmin_dim, cd_cpu_min, &options);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_argmin_dim(in[0], (int)p[0], .keepdim = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample(s, call, { cd_arange(3) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *indices = NULL;
    cd_misuse_extreme_dim(s, cd_argmin_dim_with);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_argmin_dim(cd_eq(x, 0), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".indices", cd_argmin_dim(x, 0, .indices = &indices));
}

const cd_op cd_op_argmin_dim = {
    .name = "argmin_dim",
    .like = "torch.argmin(x, dim)",
    .formula = "y = index of the smallest of x along one dimension",
    .gradient = "none: an index",
    .dtypes = "all but bool",
    .samples = samples,
    .misuse = misuse,
};
