/* Samples and bad calls of logcumsumexp: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_logcumsumexp(in[0], (int)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 0)) }, { 1 });
    cd_sample(s, call, { cd_mul(cd_randn(CD_SHAPE(2, 5)), 100) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 300)) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_logcumsumexp(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_logcumsumexp(x, 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_logcumsumexp(cd_arange(3), 0));
}

const op_cases cases_logcumsumexp = { samples, misuse };
