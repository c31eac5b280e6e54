/* Samples and bad calls of t: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_t(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) });
    cd_sample(s, call, { cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_t(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3x4", cd_t(cd_zeros(CD_SHAPE(2, 3, 4))));
}

const op_cases cases_t = { samples, misuse };
