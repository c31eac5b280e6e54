/* Samples and bad calls of ravel: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_ravel(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3) });
    cd_sample(s, call, { RANDOM(2, 3) });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)) });
    cd_sample(s, call, { cd_randn(CD_SCALAR) });
    cd_sample(s, call, { RANDOM(0, 3) });
    cd_sample(s, call, { RANDOM(2, 1, 3) });
    cd_sample(s, call, { cd_permute(RANDOM(2, 3, 2), CD_SHAPE(2, 0, 1)) });
    cd_sample(s, call, { cd_arange(4) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_ravel(NULL));
}

const op_cases cases_ravel = { samples, misuse };
