/* Samples and bad calls of select_scatter: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_select_scatter(in[0], in[1], (int)p[0], (int64_t)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3, 2), RANDOM(2) }, { 0, 1 });
    cd_sample(s, call, { RANDOM(3, 2), RANDOM(3) }, { 1, -1 });
    cd_sample(s, call, { RANDOM(4), cd_randn(CD_SCALAR) }, { 0, 2 });
    cd_sample(s, call, { RANDOM(2, 3, 2), RANDOM(2, 2) }, { 1, 0 });
    cd_sample(s, call, { RANDOM(2, 0), RANDOM(0) }, { 0, 1 });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)), RANDOM(2) }, { 0, 1 });
    cd_sample(s, call, { RANDOM(1, 2), RANDOM(2) }, { 0, 0 });
    cd_sample(s, call, { cd_arange(4), cd_zeros(CD_SCALAR, .dtype = CD_I64) }, { 0, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_select_scatter(NULL, x, 0, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "src is NULL", cd_select_scatter(x, NULL, 0, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 2x3, and must have 3", cd_select_scatter(x, x, 0, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "index 2", cd_select_scatter(x, x, 0, 2));
}

const op_cases cases_select_scatter = { samples, misuse };
