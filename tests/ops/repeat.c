/* Samples and bad calls of repeat: see op_cases.h. */
#include "op_cases.h"

/* p: the numbers of repetitions, as shape_from reads a shape. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_repeat(in[0], shape_from(p));
}

static void samples(cd_samples *s)
{
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { RANDOM(3) }, { 1, 2 });
    cd_sample(s, call, { RANDOM(3) }, { 3, 2, 1, 3 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 2, 3, 2 });
    cd_sample(s, call, { RANDOM(2, 1, 3) }, { 4, 2, 1, 5, 2 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 2, 1, 1 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 2, 0, 2 });
    cd_sample(s, call, { RANDOM(0, 3) }, { 2, 2, 2 });
    cd_sample(s, call, { RANDOM(1, 1) }, { 2, 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 2, 2, 2 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 2) }, { 8, 1, 2, 1, 2, 1, 2, 2, 2 });
    cd_sample(s, call, { cd_t(RANDOM(3, 2)) }, { 2, 2, 2 });
    cd_sample(s, call, { cd_eq(cd_arange(3), 1) }, { 2, 2, 2 });
#undef RANDOM
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_repeat(NULL, CD_SHAPE(2)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_repeat(x, CD_SHAPE(2)));
    cd_expect_error(s, CD_ERR_SHAPE, "at most 8",
                    cd_repeat(x, (cd_shape){ .ndim = 9, .dim = { 1, 1, 1, 1, 1, 1, 1, 1 } }));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 times", cd_repeat(x, CD_SHAPE(2, -1)));
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_repeat(x, CD_SHAPE(INT64_MAX, 1)));
    cd_expect_error(s, CD_ERR_SHAPE, "elements", cd_repeat(x, CD_SHAPE(INT64_MAX / 8, 8)));
}

const op_cases cases_repeat = { samples, misuse };
