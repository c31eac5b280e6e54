/* Samples and bad calls of trapezoid and cumulative_trapezoid: TRAPEZOID is one of them. Included
 * by each of their files. */
#ifndef CANDELA_TESTS_OPS_TRAPEZOIDS_H
#define CANDELA_TESTS_OPS_TRAPEZOIDS_H

#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the dimension, dx. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return TRAPEZOID(in[0], (int)p[0], .x = in[1], .dx = p[1]);
}

static void samples(cd_samples *s)
{
    CD_SCOPE();
    cd_sample(s, call, { RANDOM(2, 4) }, { -1 });
    cd_sample(s, call, { RANDOM(4, 2) }, { 0, 0.5 });
    cd_sample(s, call, { RANDOM(3, 0) }, { 1, CD_ZERO });
    cd_sample(s, call, { RANDOM(3, 1) }, { 1 });
    cd_sample(s, call, { RANDOM(2, 4), RANDOM(4) }, { -1 });
    cd_sample(s, call, { RANDOM(4, 2), RANDOM(4) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 4), RANDOM(2, 4) }, { 1 });
    cd_sample(s, call, { RANDOM(2, 2, 3), RANDOM(2, 3) }, { 2 });
    cd_sample(s, call, { RANDOM(2, 2), RANDOM(2, 2, 1) }, { 0 });
    cd_sample(s, call, { cd_arange(4) }, { 0 });
    cd_sample(s, call, { cd_arange(4, .dtype = CD_U8), cd_arange(4, .dtype = CD_U8) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *y = cd_zeros(CD_SHAPE(2, 3)), *x = cd_zeros(CD_SHAPE(3)), *truth = cd_eq(x, 0);
    cd_expect_error(s, CD_ERR_ARGUMENT, "y is NULL", TRAPEZOID(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", TRAPEZOID(y, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", TRAPEZOID(cd_zeros(CD_SCALAR), 0));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", TRAPEZOID(truth, 0));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", TRAPEZOID(y, 1, .x = truth));
    cd_expect_error(s, CD_ERR_ARGUMENT, "both given", TRAPEZOID(y, 1, .x = x, .dx = 1));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3) must have as many elements as y (2x3)",
                    TRAPEZOID(y, 0, .x = x));
    cd_expect_error(s, CD_ERR_SHAPE, "3x4", TRAPEZOID(y, 0, .x = cd_zeros(CD_SHAPE(4, 4))));
}

#endif
