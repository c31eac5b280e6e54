/* Samples and bad calls of tensordot: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_tensordot(in[0], in[1], (int)p[0]);
}

static cd_tensor *by_one(cd_tensor *const *in, const double *p)
{
    return cd_tensordot_dims(in[0], in[1], CD_DIMS((int)p[0]), CD_DIMS((int)p[1]));
}

static cd_tensor *by_two(cd_tensor *const *in, const double *p)
{
    return cd_tensordot_dims(in[0], in[1], CD_DIMS(0, 2), CD_DIMS((int)p[0], (int)p[1]));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(3, 4) }, { 1 });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2, 3) }, { 2 });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), RANDOM(2) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 0), RANDOM(0, 3) }, { 1 });
    cd_sample(s, by_one, { RANDOM(2, 3), RANDOM(4, 2) }, { 0, 1 });
    cd_sample(s, by_one, { RANDOM(2, 3), RANDOM(4, 1) }, { -1, -1 });
    cd_sample(s, by_one, { RANDOM(2, 1), RANDOM(4, 3) }, { 1, 1 });
    cd_sample(s, by_two, { RANDOM(2, 3, 2), RANDOM(2, 2) }, { 1, 0 });
    cd_sample(s, by_two, { RANDOM(2, 3, 3), RANDOM(3, 4, 1) }, { -1, 0 });
    cd_sample(s, call, { cd_arange(3), cd_arange(3) }, { 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *wide = cd_zeros(CD_SHAPE(1, 1, 1, 1, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_tensordot(x, NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "3 dimensions, where a has 2", cd_tensordot(x, x, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 dimensions", cd_tensordot(x, x, -1));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "dimension 1 of a (2x3) and dimension 0 of b (2x3) differ in size",
                    cd_tensordot(x, x, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "1 dimensions of a (2x3), 2 of b (2x3)",
                    cd_tensordot_dims(x, x, CD_DIMS(0), CD_DIMS(0, 1)));
    cd_expect_error(s, CD_ERR_SHAPE, "10 others", cd_tensordot(wide, wide, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "named twice",
                    cd_tensordot_dims(x, x, CD_DIMS(0, -2), CD_DIMS(0, 1)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2",
                    cd_tensordot_dims(x, x, CD_DIMS(2), CD_DIMS(0)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "9 dimensions",
                    cd_tensordot_dims(x, x, (cd_dims){ .count = 9 }, CD_DIMS(0)));
    cd_expect_error(s, CD_ERR_DTYPE, "b float64", cd_tensordot(x, cd_to(x, CD_F64), 2));
}

const op_cases cases_tensordot = { samples, misuse };
