/* Samples and bad calls of dist: see op_cases.h. */
#include "op_cases.h"

#include "autograd/distance_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_dist(in[0], in[1], .p = p[0]);
}

static void samples(cd_samples *s)
{
    static const double powers[] = { CD_ZERO, 0.5, 1, 2, 3, -1.5, INFINITY, -INFINITY };
    for (int i = 0; i < 8; i++) cd_sample(s, call, { RANDOM(2, 3), RANDOM(3) }, { powers[i] });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { RANDOM(3), cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *none = cd_zeros(CD_SHAPE(0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_dist(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_dist(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "a (2x3) and b (2) do not broadcast",
                    cd_dist(x, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "one must be floating", cd_dist(cd_arange(3), cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "none bool", cd_dist(x, cd_eq(x, 0)));
    cd_expect_error(s, CD_ERR_SHAPE, "", cd_dist(none, none, .p = INFINITY));
}

const op_cases cases_dist = { samples, misuse };
