/* Samples and bad calls of cumulative_trapezoid: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the dimension, dx. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_cumulative_trapezoid(in[0], (int)p[0], .x = in[1], .dx = p[1]);
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
    static const char *const names[] = { "mul", NULL };
    s->names = names;
    cd_expect_error(s, CD_ERR_ARGUMENT, "y is NULL", cd_cumulative_trapezoid(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_cumulative_trapezoid(y, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_cumulative_trapezoid(cd_zeros(CD_SCALAR), 0));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_cumulative_trapezoid(truth, 0));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_cumulative_trapezoid(y, 1, .x = truth));
    cd_expect_error(s, CD_ERR_ARGUMENT, "both given",
                    cd_cumulative_trapezoid(y, 1, .x = x, .dx = 1));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3) must have as many elements as y (2x3)",
                    cd_cumulative_trapezoid(y, 0, .x = x));
    cd_expect_error(s, CD_ERR_SHAPE, "3x4",
                    cd_cumulative_trapezoid(y, 0, .x = cd_zeros(CD_SHAPE(4, 4))));
}

const op_cases cases_cumulative_trapezoid = { samples, misuse };
