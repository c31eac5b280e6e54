/* Samples and bad calls of expand_as: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_expand_as(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(1, 3), RANDOM(2, 3) }, .constant = CD_SET(1));
    cd_sample(s, call, { RANDOM(3), RANDOM(2, 3) }, .constant = CD_SET(1));
    cd_sample(s, call, { cd_randn(CD_SCALAR), RANDOM(2, 2) }, .constant = CD_SET(1));
    cd_sample(s, call, { RANDOM(2, 1), RANDOM(2, 4) }, .constant = CD_SET(1));
    cd_sample(s, call, { RANDOM(1, 3), RANDOM(0, 3) }, .constant = CD_SET(1));
    cd_sample(s, call, { RANDOM(2), RANDOM(2) }, .constant = CD_SET(1));
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) }, .constant = CD_SET(1));
    cd_sample(s, call, { cd_zeros(CD_SHAPE(1, 3), .dtype = CD_I64), RANDOM(2, 3) },
              .constant = CD_SET(1));
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_expand_as(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "other is NULL", cd_expand_as(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_expand_as(x, cd_zeros(CD_SHAPE(2, 2))));
}

const op_cases cases_expand_as = { samples, misuse };
