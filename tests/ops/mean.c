/* Samples and bad calls of mean: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_mean(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_mean(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_mean(cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "cd_to", cd_mean(cd_eq(cd_arange(3), 1)));
}

const op_cases cases_mean = { samples, misuse };
