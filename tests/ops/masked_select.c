/* Samples and bad calls of masked_select: see op_cases.h. */
#include "op_cases.h"

/* The mask is true where in[1] is above 0. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_masked_select(in[0], cd_gt(in[1], 0));
}

#define SAMPLE(...) cd_sample(s, call, { __VA_ARGS__ }, .constant = CD_SET(1))

static void samples(cd_samples *s)
{
    SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)));
    SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SHAPE(4, 1, 3)));
    SAMPLE(cd_randn(CD_SCALAR), cd_randn(CD_SHAPE(3)));
    SAMPLE(cd_randn(CD_SHAPE(3)), cd_ones(CD_SCALAR));
    SAMPLE(cd_randn(CD_SHAPE(3)), cd_zeros(CD_SHAPE(3)));
    SAMPLE(cd_randn(CD_SCALAR), cd_ones(CD_SCALAR));
    SAMPLE(cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(cd_randn(CD_SHAPE(1, 1)), cd_ones(CD_SHAPE(1)));
    SAMPLE(cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)));
    SAMPLE(cd_to(cd_arange(4), CD_U8), cd_randn(CD_SHAPE(4)));
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mask = cd_eq(x, 0);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_masked_select(NULL, mask));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mask is NULL", cd_masked_select(x, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is int64", cd_masked_select(x, cd_to(mask, CD_I64)));
    cd_expect_error(s, CD_ERR_SHAPE, "mask (2x3)", cd_masked_select(cd_arange(2), mask));
}

const op_cases cases_masked_select = { samples, misuse };
