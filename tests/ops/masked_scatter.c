#include "op_cases.h"

/* in[1] is where the mask is true: above 0. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_masked_scatter(in[0], cd_gt(in[1], 0), in[2]);
}

#define SAMPLE(...) cd_sample(s, call, { __VA_ARGS__ }, .constant = 2)

static void samples(cd_samples *s)
{
    SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(6)));
    SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3, 2, 2)));
    SAMPLE(cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SHAPE(4, 1, 3)), cd_randn(CD_SHAPE(24)));
    SAMPLE(cd_randn(CD_SCALAR), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(cd_randn(CD_SHAPE(3)), cd_ones(CD_SCALAR), cd_randn(CD_SHAPE(1, 3)));
    SAMPLE(cd_randn(CD_SHAPE(3)), cd_zeros(CD_SHAPE(3)), cd_randn(CD_SHAPE(0)));
    SAMPLE(cd_randn(CD_SCALAR), cd_ones(CD_SCALAR), cd_randn(CD_SCALAR));
    SAMPLE(cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(2)));
    SAMPLE(cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)),
           cd_t(cd_randn(CD_SHAPE(3, 3))));
    SAMPLE(cd_to(cd_arange(4), CD_U8), cd_randn(CD_SHAPE(4)), cd_to(cd_arange(4), CD_U8));
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mask = cd_eq(x, 0), *few = cd_zeros(CD_SHAPE(5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 1 is NULL", cd_masked_scatter(NULL, mask, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 2 is NULL", cd_masked_scatter(x, NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 3 is NULL", cd_masked_scatter(x, mask, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is float32", cd_masked_scatter(x, x, x));
    cd_expect_error(s, CD_ERR_DTYPE, "source is float64",
                    cd_masked_scatter(x, mask, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_SHAPE, "chooses 6", cd_masked_scatter(x, mask, few));
    cd_expect_error(s, CD_ERR_SHAPE, "x (5)", cd_masked_scatter(few, mask, x));
}

const op_cases cases_masked_scatter = { samples, misuse };
