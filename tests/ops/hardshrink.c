/* Samples and bad calls of hardshrink: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_hardshrink(in[0]);
}

static cd_tensor *with_lambd(cd_tensor *const *in, const double *p)
{
    return cd_hardshrink(in[0], .lambd = p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, with_lambd, { cd_randn(CD_SHAPE(3, 4)) }, { 0.25 });
    cd_sample(s, with_lambd, { cd_randn(CD_SHAPE(3, 4)) }, { -1 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_hardshrink(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_hardshrink(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300",
                    cd_hardshrink(cd_zeros(CD_SHAPE(2)), .lambd = 1e300));
}

const op_cases cases_hardshrink = { samples, misuse };
