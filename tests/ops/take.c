/* Samples and bad calls of take: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_take(in[0], in[1]);
}

static const int64_t indices[] = { 2, 0, -1, 5, 5, -6 };

#define INDEX(...)  cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(6), INDEX(4) });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(6) });
    cd_sample(s, call, { RANDOM(2, 2, 2), INDEX(2, 3) });
    cd_sample(s, call, { RANDOM(2, 3), cd_full(CD_SCALAR, 4, .dtype = CD_I64) });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(0, 2) });
    cd_sample(s, call, { RANDOM(0, 3), INDEX(0) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(3), .dtype = CD_I64) });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)), INDEX(2, 3) });
    cd_sample(s, call, { cd_arange(7), INDEX(6) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2), .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_take(NULL, index));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_take(x, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int32, and must be int64", cd_take(x, cd_to(index, CD_I32)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "into x (2x3) it must be -6 to 5",
                    cd_take(x, cd_arange(7, .start = 5)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "empty", cd_take(cd_zeros(CD_SHAPE(0, 3)), index));
}

const op_cases cases_take = { samples, misuse };
