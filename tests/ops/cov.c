/* Samples and bad calls of cov: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the correction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_cov(in[0], .correction = p[0]);
}

static cd_tensor *counted(cd_tensor *const *in, const double *p)
{
    return cd_cov(in[0], .correction = p[0], .fweights = in[1]);
}

/* sigmoid makes weights of in[1]. */
static cd_tensor *weighted(cd_tensor *const *in, const double *p)
{
    cd_tensor *w = cd_sigmoid(in[1]);
    return w ? cd_cov(in[0], .correction = p[0], .fweights = in[2], .aweights = w) : NULL;
}

static void samples(cd_samples *s)
{
    cd_tensor *counts = cd_add(cd_arange(4), 1);
    cd_sample(s, call, { RANDOM(3, 5) });
    cd_sample(s, call, { RANDOM(2, 4) }, { CD_ZERO });
    cd_sample(s, call, { RANDOM(4) }, { 2 });
    cd_sample(s, call, { cd_t(RANDOM(4, 2)) });
    cd_sample(s, call, { RANDOM(0, 3) });
    cd_sample(s, call, { cd_arange(5) });
    cd_sample(s, counted, { RANDOM(2, 4), counts });
    cd_sample(s, weighted, { RANDOM(2, 4), RANDOM(4), counts });
    cd_sample(s, weighted, { RANDOM(2, 4), RANDOM(4) }, { CD_ZERO });
    cd_sample(s, weighted, { RANDOM(1, 4), RANDOM(4) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *three = cd_arange(3), *real = cd_ones(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_cov(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_cov(cd_eq(x, 0)));
    cd_expect_error(s, CD_ERR_SHAPE, "1x2x3", cd_cov(cd_zeros(CD_SHAPE(1, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "fweights is float32", cd_cov(x, .fweights = real));
    cd_expect_error(s, CD_ERR_DTYPE, "fweights is bool", cd_cov(x, .fweights = cd_eq(three, 0)));
    cd_expect_error(s, CD_ERR_DTYPE, "aweights is int64", cd_cov(x, .aweights = three));
    cd_expect_error(s, CD_ERR_SHAPE, "fweights (2) must be a vector of 3 elements, for x (2x3)",
                    cd_cov(x, .fweights = cd_arange(2)));
    cd_expect_error(s, CD_ERR_SHAPE, "aweights (1x3)",
                    cd_cov(x, .aweights = cd_ones(CD_SHAPE(1, 3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight 0 is -1", cd_cov(x, .fweights = cd_sub(three, 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight 2 is nan",
                    cd_cov(x, .aweights = cd_where(cd_eq(three, 2), NAN, real)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "add up to 0", cd_cov(x, .fweights = cd_mul(three, 0)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "add up to 0",
                    cd_cov(x, .fweights = three, .aweights = cd_to(cd_eq(three, 0), CD_F32)));
}

const op_cases cases_cov = { samples, misuse };
