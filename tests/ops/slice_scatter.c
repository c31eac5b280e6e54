/* Samples and bad calls of slice_scatter: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_slice_scatter(in[0], in[1], (int)p[0], (int64_t)p[1], (int64_t)p[2], (int64_t)p[3]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(4, 2), RANDOM(2, 2) }, { 0, 1, 3, 1 });
    cd_sample(s, call, { RANDOM(2, 5), RANDOM(2, 3) }, { 1, 0, 5, 2 });
    cd_sample(s, call, { RANDOM(4), RANDOM(2) }, { 0, -2, 9, 1 });
    cd_sample(s, call, { RANDOM(4), RANDOM(0) }, { 0, 3, 2, 1 });
    cd_sample(s, call, { RANDOM(2, 0), RANDOM(1, 0) }, { 0, 0, 1, 1 });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)), RANDOM(1, 2) }, { 0, 1, 2, 1 });
    cd_sample(s, call, { RANDOM(1), RANDOM(1) }, { 0, 0, 1, 1 });
    cd_sample(s, call, { cd_arange(4), cd_arange(2) }, { 0, 0, 4, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_slice_scatter(NULL, x, 0, 0, 1, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "src is NULL", cd_slice_scatter(x, NULL, 0, 0, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 2x3, and must have 1x3",
                    cd_slice_scatter(x, x, 0, 0, 1, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "step is 0", cd_slice_scatter(x, x, 0, 0, 1, 0));
}

const op_cases cases_slice_scatter = { samples, misuse };
