/* Samples and bad calls of bincount: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_bincount(in[0], .weights = in[1], .minlength = (int64_t)p[0]);
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randint(0, 5, CD_SHAPE(9));
    cd_sample(s, call, { x });
    cd_sample(s, call, { x }, { 8 });
    cd_sample(s, call, { cd_to(x, CD_U8) }, { 2 });
    cd_sample(s, call, { cd_to(x, CD_I32), cd_arange(9) });
    s->visit(s, &(cd_sample){ .call = call, .input = { x, cd_randn(CD_SHAPE(9)) }, .constant = 2 });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(0), .dtype = CD_I64) }, { 3 });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(0), .dtype = CD_I64) });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(0), .dtype = CD_I64), cd_arange(0) }, { 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_arange(3), *low = cd_sub(x, 1);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_bincount(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_bincount(cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_bincount(cd_eq(x, 0)));
    cd_expect_error(s, CD_ERR_SHAPE, "1x3, and must be a vector",
                    cd_bincount(cd_view(x, CD_SHAPE(1, 3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1: 0 or more", cd_bincount(x, .minlength = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x[0] is -1", cd_bincount(low));
    cd_expect_error(s, CD_ERR_SHAPE, "weights (2) must have the shape of x (3)",
                    cd_bincount(x, .weights = cd_ones(CD_SHAPE(2))));
    const int64_t largest = INT64_MAX;
    cd_tensor *high = cd_from_array(&largest, CD_SHAPE(1), .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "too large", cd_bincount(high));
}

const op_cases cases_bincount = { samples, misuse };
