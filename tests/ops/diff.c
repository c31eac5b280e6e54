/* Samples and bad calls of diff: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension, and how many times. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_diff(in[0], (int)p[0], .n = p[1]);
}

static cd_tensor *between(cd_tensor *const *in, const double *p)
{
    return cd_diff(in[0], (int)p[0], .prepend = in[1], .append = in[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 4)) }, { -1, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)) }, { 0, CD_ZERO });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)) }, { 0, 7 });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(2, 0)) }, { 1, 1 });
    cd_sample(s, call, { cd_randint(0, 9, CD_SHAPE(4)) }, { 0, 1 });
    cd_sample(s, call, { cd_eq(cd_randint(0, 2, CD_SHAPE(6)), 1) }, { 0, 2 });
    cd_sample(s, between, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 1)) }, { 1 });
    cd_sample(s, between,
              { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(2, 3)) },
              { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_diff(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_diff(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_diff(cd_sum(x), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 times", cd_diff(x, 0, .n = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1.5 times", cd_diff(x, 0, .n = 1.5));
    cd_expect_error(s, CD_ERR_SHAPE, "append (2x2) must have the sizes of x (2x3)",
                    cd_diff(x, 0, .append = cd_zeros(CD_SHAPE(2, 2))));
    cd_expect_error(s, CD_ERR_SHAPE, "prepend (3)",
                    cd_diff(x, 0, .prepend = cd_zeros(CD_SHAPE(3))));
}

const op_cases cases_diff = { samples, misuse };
