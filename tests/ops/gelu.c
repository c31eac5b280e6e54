/* Samples and bad calls of gelu: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *exact(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_gelu(in[0]);
}

static cd_tensor *by_tanh(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_gelu(in[0], .approximate = CD_GELU_TANH);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, exact, false);
    cd_sample_unary(s, by_tanh, false);
    cd_sample(s, exact, { cd_mul(cd_randn(CD_SHAPE(3, 5)), 3) });
    cd_sample(s, by_tanh, { cd_mul(cd_randn(CD_SHAPE(3, 5)), 3) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_gelu(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_gelu(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".approximate is 2",
                    cd_gelu(cd_zeros(CD_SHAPE(2)), .approximate = (cd_gelu_approximate)2));
}

const op_cases cases_gelu = { samples, misuse };
