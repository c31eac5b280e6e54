/* Samples and bad calls of softplus: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_softplus(in[0]);
}

static cd_tensor *with_options(cd_tensor *const *in, const double *p)
{
    return cd_softplus(in[0], .beta = p[0], .threshold = p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, with_options, { cd_mul(cd_randn(CD_SHAPE(3, 4)), 3) }, { 2, 3 });
    cd_sample(s, with_options, { cd_randn(CD_SHAPE(3, 4)) }, { -1.5, 20 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_softplus(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_softplus(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300",
                    cd_softplus(cd_zeros(CD_SHAPE(2)), .beta = 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300",
                    cd_softplus(cd_zeros(CD_SHAPE(2)), .threshold = 1e300));
}

const op_cases cases_softplus = { samples, misuse };
