/* Samples and bad calls of diag: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_diag(in[0], (int64_t)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3) }, { 0 });
    cd_sample(s, call, { RANDOM(3) }, { 2 });
    cd_sample(s, call, { RANDOM(2) }, { -1 });
    cd_sample(s, call, { RANDOM(3, 3) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 4) }, { 1 });
    cd_sample(s, call, { RANDOM(3, 4) }, { -9 });
    cd_sample(s, call, { RANDOM(0) }, { 1 });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)) }, { -1 });
    cd_sample(s, call, { cd_arange(3) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_diag(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "shape scalar", cd_diag(cd_zeros(CD_SCALAR), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "2x1x1", cd_diag(cd_zeros(CD_SHAPE(2, 1, 1)), 0));
}

const op_cases cases_diag = { samples, misuse };
