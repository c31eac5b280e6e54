/* Samples and bad calls of vander: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: n, increasing. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_vander(in[0], .n = p[0], .increasing = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3) });
    cd_sample(s, call, { RANDOM(4) }, { 2 });
    cd_sample(s, call, { RANDOM(2) }, { 4, 1 });
    cd_sample(s, call, { RANDOM(1) }, { 3 });
    cd_sample(s, call, { RANDOM(0) }, { 3 });
    cd_sample(s, call, { cd_arange(3) }, { 4 });
    cd_sample(s, call, { cd_gt(RANDOM(3), 0) }, { 3, 1 });
    cd_sample(s, call, { cd_select(RANDOM(3, 2), 1, 0) });
    cd_sample(s, call, { cd_arange(3) }, { CD_ZERO });
    cd_sample(s, call, { cd_arange(3) }, { 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_vander(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_vander(cd_zeros(CD_SHAPE(2, 3))));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_vander(cd_zeros(CD_SCALAR)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1: a whole number", cd_vander(x, .n = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1.5: a whole number", cd_vander(x, .n = 1.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "nan: a whole number", cd_vander(x, .n = NAN));
}

const op_cases cases_vander = { samples, misuse };
