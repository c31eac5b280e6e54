/* Samples and bad calls of diagflat: see op_cases.h. */
#include "op_cases.h"

/* p: the offset. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_diagflat(in[0], (int64_t)p[0]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 3) });
    cd_sample(s, call, { R(3) }, { 1 });
    cd_sample(s, call, { R(2) }, { -2 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { -1 });
    cd_sample(s, call, { R(0) }, { 1 });
    cd_sample(s, call, { R(0) });
    cd_sample(s, call, { cd_t(R(2, 2)) });
    cd_sample(s, call, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_diagflat(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "3", cd_diagflat(cd_arange(3), INT64_MAX));
}

const op_cases cases_diagflat = { samples, misuse };
