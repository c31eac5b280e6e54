/* Samples and bad calls of softshrink: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_softshrink(in[0]);
}

static cd_tensor *with_lambd(cd_tensor *const *in, const double *p)
{
    return cd_softshrink(in[0], .lambd = p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, with_lambd, { cd_randn(CD_SHAPE(3, 4)) }, { 0.25 });
    cd_sample(s, with_lambd, { cd_randn(CD_SHAPE(3, 4)) }, { CD_ZERO });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_softshrink(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_softshrink(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300",
                    cd_softshrink(cd_zeros(CD_SHAPE(2)), .lambd = 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "lambd is -1",
                    cd_softshrink(cd_zeros(CD_SHAPE(2)), .lambd = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "lambd is nan",
                    cd_softshrink(cd_zeros(CD_SHAPE(2)), .lambd = NAN));
    cd_expect_error(s, CD_ERR_ARGUMENT, "lambd is inf",
                    cd_softshrink(cd_zeros(CD_SHAPE(2)), .lambd = INFINITY));
}

const op_cases cases_softshrink = { samples, misuse };
