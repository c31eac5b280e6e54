/* Samples and bad calls of bernoulli_: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_bernoulli_(cd_clone(in[0]), p[0], .generator = cd_generator_new(3));
}

static cd_tensor *even(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bernoulli_(cd_clone(in[0]), 0.5, .generator = cd_generator_new(3));
}

static cd_tensor *in_a_transposed_copy(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    return cd_bernoulli_(cd_t(cd_clone(in[0])), p[0], .generator = cd_generator_new(3));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, even, false);
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 20)) }, { 0.25 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { 1 });
    cd_sample(s, call, { cd_arange(20) }, { 0.75 });
    cd_sample(s, in_a_transposed_copy, { cd_full(CD_SHAPE(3, 7), 1, .dtype = CD_U8) }, { 0.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_bernoulli_(NULL, 0.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "from 0 to 1, not 1.5", cd_bernoulli_(x, 1.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "from 0 to 1", cd_bernoulli_(x, (double)NAN));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    cd_bernoulli_(x, 0.5, .generator = (cd_generator *)(void *)x));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf",
                    cd_bernoulli_(cd_zeros(CD_SHAPE(2), .requires_grad = true), 0.5));
}

const op_cases cases_bernoulli_ = { samples, misuse };
