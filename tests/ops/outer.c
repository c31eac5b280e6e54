/* Samples and bad calls of outer: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_outer(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3), RANDOM(4) });
    cd_sample(s, call, { RANDOM(1), RANDOM(2) });
    cd_sample(s, call, { RANDOM(2), RANDOM(1) });
    cd_sample(s, call, { RANDOM(0), RANDOM(2) });
    cd_sample(s, call, { RANDOM(2), RANDOM(0) });
    cd_sample(s, call, { RANDOM(3), cd_arange(2) });
    cd_sample(s, call, { cd_arange(3), cd_arange(2) });
    cd_sample(s, call, { RANDOM(5), RANDOM(5) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_outer(NULL, x));
    cd_expect_error(s, CD_ERR_SHAPE, "a has shape 2x3", cd_outer(x, x));
    cd_expect_error(s, CD_ERR_SHAPE, "b has shape scalar",
                    cd_outer(cd_zeros(CD_SHAPE(2)), cd_zeros(CD_SCALAR)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_outer(cd_zeros(CD_SHAPE(2)), NULL));
}

const op_cases cases_outer = { samples, misuse };
