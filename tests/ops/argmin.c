/* Samples and bad calls of argmin: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_argmin(in[0], .keepdim = p[0] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample_min_max(s, call);
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { true });
}

static cd_tensor *over_all(cd_tensor *x)
{
    return cd_argmin(x);
}

static void misuse(cd_samples *s)
{
    cd_misuse_min_max(s, over_all);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_argmin(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL)));
}

const op_cases cases_argmin = { samples, misuse };
