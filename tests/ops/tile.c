/* Samples and bad calls of tile: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_tile(in[0], shape_from(p));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3) }, { 1, 2 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 1, 2 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 2, 3, 1 });
    cd_sample(s, call, { RANDOM(2) }, { 3, 2, 1, 2 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 1, 3 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 0 });
    cd_sample(s, call, { RANDOM(0, 3) }, { 1, 2 });
    cd_sample(s, call, { RANDOM(2) }, { 1, 0 });
    cd_sample(s, call, { cd_arange(4) }, { 1, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_tile(NULL, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 times", cd_tile(x, CD_SHAPE(-1)));
}

const op_cases cases_tile = { samples, misuse };
