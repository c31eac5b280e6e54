/* Samples and bad calls of roll: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the shifts, as shape_from takes them, here and below. */
static cd_tensor *flat(cd_tensor *const *in, const double *p)
{
    return cd_roll(in[0], shape_from(p), CD_SCALAR);
}

/* The dimensions are p[4] and so on. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_roll(in[0], shape_from(p), shape_from(p + 4));
}

static void samples(cd_samples *s)
{
    cd_sample(s, flat, { RANDOM(5) }, { 1, 2 });
    cd_sample(s, flat, { RANDOM(2, 3) }, { 1, -4 });
    cd_sample(s, flat, { cd_t(RANDOM(2, 3)) }, { 1, 1 });
    cd_sample(s, flat, { cd_randn(CD_SCALAR) }, { 1, 1 });
    cd_sample(s, call, { RANDOM(3, 4) }, { 1, 1, 0, 0, 1, 0 });
    cd_sample(s, call, { RANDOM(3, 4) }, { 2, 1, -2, 0, 2, 0, -1 });
    cd_sample(s, call, { RANDOM(5) }, { 2, 9, 4, 0, 2, 0, 0 });
    cd_sample(s, call, { RANDOM(2, 3, 4) }, { 2, 1, 3, 0, 2, 2, 0 });
    cd_sample(s, call, { RANDOM(2, 0) }, { 1, 1, 0, 0, 1, 1 });
    cd_sample(s, call, { cd_t(RANDOM(3, 4)) }, { 1, 3, 0, 0, 1, 0 });
    cd_sample(s, flat, { cd_arange(6) }, { 1, 2 });
    cd_sample(s, flat, { RANDOM(3) }, { 1, (double)INT64_MIN });
    cd_sample(s, call, { RANDOM(3, 2) }, { 1, (double)INT64_MIN, 0, 0, 1, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_roll(NULL, CD_SHAPE(1), CD_SHAPE(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_roll(x, CD_SHAPE(1), CD_SHAPE(2)));
    cd_expect_error(s, CD_ERR_SHAPE, "2 shifts and 1 dimensions",
                    cd_roll(x, CD_SHAPE(1, 2), CD_SHAPE(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "2 shifts and 0 dimensions",
                    cd_roll(x, CD_SHAPE(1, 2), CD_SCALAR));
    cd_expect_error(s, CD_ERR_SHAPE, "no dimension to roll along",
                    cd_roll(cd_zeros(CD_SCALAR), CD_SHAPE(1), CD_SHAPE(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "0 shifts", cd_roll(x, CD_SCALAR, CD_SCALAR));
}

const op_cases cases_roll = { samples, misuse };
