/* Samples and bad calls of cross: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_cross(in[0], in[1], .dims = CD_DIMS((int)p[0]));
}

static cd_tensor *standard(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_cross(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, standard, { RANDOM(3), RANDOM(3) });
    cd_sample(s, standard, { RANDOM(2, 3), RANDOM(1, 3) });
    cd_sample(s, standard, { RANDOM(1, 3, 2), RANDOM(4, 3, 1) });
    cd_sample(s, standard, { RANDOM(3, 0), RANDOM(3, 0) });
    cd_sample(s, standard, { cd_t(RANDOM(3, 2)), RANDOM(2, 3) });
    cd_sample(s, call, { RANDOM(3, 3), RANDOM(3, 3) }, { 1 });
    cd_sample(s, call, { RANDOM(3, 3), RANDOM(3, 1) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3, 2), RANDOM(2, 3, 2) }, { -2 });
    cd_sample(s, standard, { cd_arange(3), cd_arange(6, .start = 3) });
    cd_sample(s, standard, { cd_to(cd_arange(3), CD_U8), cd_to(cd_arange(3), CD_U8) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *y = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_cross(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_cross(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "a (2x3) and b (3) must have as many dimensions",
                    cd_cross(x, y));
    cd_expect_error(s, CD_ERR_SHAPE, "a (2x3) and b (2x3) must both have the size 3",
                    cd_cross(x, x, .dims = CD_DIMS(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "must both have the size 3",
                    cd_cross(x, cd_zeros(CD_SHAPE(2, 1))));
    cd_expect_error(s, CD_ERR_SHAPE, "do not broadcast", cd_cross(x, cd_zeros(CD_SHAPE(4, 3))));
    cd_expect_error(s, CD_ERR_SHAPE, "no dimension of a (2x2) has the size 3",
                    cd_cross(cd_zeros(CD_SHAPE(2, 2)), x));
    cd_expect_error(s, CD_ERR_SHAPE, "no dimension of a (scalar)",
                    cd_cross(cd_zeros(CD_SCALAR), cd_zeros(CD_SCALAR)));
    cd_expect_error(s, CD_ERR_SHAPE, "must both have the size 3",
                    cd_cross(cd_zeros(CD_SCALAR), cd_zeros(CD_SCALAR), .dims = CD_DIMS(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_cross(x, x, .dims = CD_DIMS(2)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "2 dimensions", cd_cross(x, x, .dims = CD_DIMS(0, 1)));
    cd_expect_error(s, CD_ERR_DTYPE, "b float64", cd_cross(x, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_cross(cd_eq(x, 0), cd_eq(x, 0)));
}

const op_cases cases_cross = { samples, misuse };
