/* Samples and bad calls of bernoulli: see op_cases.h. */
#include "op_cases.h"

/* sigmoid makes probabilities of in[0]. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bernoulli(cd_sigmoid(in[0]), .generator = cd_generator_new(3));
}

/* in[0] has the probabilities. */
static cd_tensor *as_it_is(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bernoulli(in[0], .generator = cd_generator_new(3));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, as_it_is, { cd_rand(CD_SHAPE(2, 20)) });
    cd_sample(s, as_it_is, { cd_t(cd_rand(CD_SHAPE(3, 7))) });
}

static void misuse(cd_samples *s)
{
    const float wrong[] = { 0, 0.5F, -0.25F };
    cd_tensor *p = cd_from_array(wrong, CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_bernoulli(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p[2] is -0.25", cd_bernoulli(p));
    cd_expect_error(s, CD_ERR_ARGUMENT, "nan", cd_bernoulli(cd_full(CD_SCALAR, NAN)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    cd_bernoulli(p, .generator = (cd_generator *)(void *)p));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_bernoulli(cd_arange(2)));
}

const op_cases cases_bernoulli = { samples, misuse };
