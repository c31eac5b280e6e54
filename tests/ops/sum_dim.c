/* Samples and bad calls of sum_dim: see op_cases.h. */
#include "op_cases.h"

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

const op_cases cases_sum_dim = { samples, misuse };
