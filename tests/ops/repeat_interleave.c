/* Samples and bad calls of repeat_interleave: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_repeat_interleave(in[0], (int64_t)p[0], (int)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3) }, { 2, 0 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 3, 1 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 2, -2 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 0, 0 });
    cd_sample(s, call, { RANDOM(0, 3) }, { 2, 1 });
    cd_sample(s, call, { RANDOM(2, 3, 2) }, { 1, 1 });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)) }, { 2, 0 });
    cd_sample(s, call, { cd_arange(4) }, { 2, 0 });
    cd_sample(s, call, { RANDOM(1, 2, 1, 1, 2, 1, 1, 1) }, { 2, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_repeat_interleave(NULL, 1, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 times", cd_repeat_interleave(x, -1, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_repeat_interleave(x, 1, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_repeat_interleave(cd_zeros(CD_SCALAR), 1, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "more elements", cd_repeat_interleave(x, INT64_MAX, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "times is NULL", cd_repeat_interleave_by(x, NULL, 0));
    cd_expect_error(s, CD_ERR_DTYPE, "float32",
                    cd_repeat_interleave_by(x, cd_zeros(CD_SHAPE(2)), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "times (2) must",
                    cd_repeat_interleave_by(x, cd_zeros(CD_SHAPE(2), .dtype = CD_I64), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "number 0 of times is -1",
                    cd_repeat_interleave_by(x, cd_full(CD_SHAPE(2), -1, .dtype = CD_I64), 0));
}

const op_cases cases_repeat_interleave = { samples, misuse };
