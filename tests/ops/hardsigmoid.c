/* Samples and bad calls of hardsigmoid: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_hardsigmoid(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_hardsigmoid_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, in_place, false);
    cd_sample(s, call, { cd_mul(cd_randn(CD_SHAPE(3, 5)), 4) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_hardsigmoid_);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_hardsigmoid(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_hardsigmoid(cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_hardsigmoid_(cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_hardsigmoid(cd_eq(cd_arange(3), 1)));
}

const op_cases cases_hardsigmoid = { samples, misuse };
