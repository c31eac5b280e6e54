/* Samples and bad calls of argmin_dim: see op_cases.h. */
#include "op_cases.h"

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
    cd_misuse_min_max_dim(s, cd_argmin_dim_with);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_argmin_dim(cd_eq(x, 0), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".indices", cd_argmin_dim(x, 0, .indices = &indices));
}

const op_cases cases_argmin_dim = { samples, misuse };
