/* Samples and bad calls of combinations: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: r, with_replacement. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_combinations(in[0], (int64_t)p[0], .with_replacement = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(4) }, { 2 });
    cd_sample(s, call, { RANDOM(4) }, { 3 });
    cd_sample(s, call, { RANDOM(3) }, { 2, 1 });
    cd_sample(s, call, { RANDOM(2) }, { 4, 1 });
    cd_sample(s, call, { RANDOM(3) }, { 1 });
    cd_sample(s, call, { RANDOM(3) }, { 4 });
    cd_sample(s, call, { RANDOM(0) }, { 2, 1 });
    cd_sample(s, call, { cd_arange(5) }, { 5 });
    cd_sample(s, call, { cd_select(RANDOM(3, 2), 1, 0) }, { 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(200));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_combinations(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_combinations(cd_zeros(CD_SHAPE(2, 3)), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_combinations(cd_zeros(CD_SCALAR), 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "r is -1", cd_combinations(x, -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "too many of 100", cd_combinations(x, 100));
    cd_expect_error(s, CD_ERR_ARGUMENT, "too many",
                    cd_combinations(x, INT64_MAX, .with_replacement = true));
}

const op_cases cases_combinations = { samples, misuse };
