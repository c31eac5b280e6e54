/* Samples and bad calls of lerp: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *number(cd_tensor *const *in, const double *p)
{
    return cd_lerp(in[0], in[1], p[0]);
}

static cd_tensor *third(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_lerp(in[0], in[1], 0.3);
}

static cd_tensor *tensor(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_lerp(in[0], in[1], in[2]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_lerp_(cd_clone(in[0]), in[1], p[0]);
}

static cd_tensor *tensor_in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_lerp_(cd_clone(in[0]), in[1], in[2]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, third);
    cd_sample(s, number, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { 0.75 });
    cd_sample_three(s, tensor, tensor_in_place);
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *other = cd_zeros(CD_SHAPE(2, 4));
    cd_tensor *wide = cd_to(x, CD_F64), *deep = cd_zeros(CD_SHAPE(4, 2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "b (2x4)", cd_lerp(x, other, 0.5));
    cd_expect_error(s, CD_ERR_SHAPE, "the weight (2x4)", cd_lerp(x, x, other));
    cd_expect_error(s, CD_ERR_SHAPE, "in place", cd_lerp_(x, x, deep));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_lerp_(x, deep, 0.5));
    cd_expect_error(s, CD_ERR_DTYPE, "b is float64", cd_lerp(x, wide, 0.5));
    cd_expect_error(s, CD_ERR_DTYPE, "the weight is float64", cd_lerp(x, x, wide));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_lerp(cd_arange(3), cd_arange(3), 0.5));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_lerp(cd_arange(3), cd_arange(3), cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_lerp(NULL, x, 0.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_lerp(x, NULL, 0.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "the weight is NULL", cd_lerp(x, x, NULL));
}

const op_cases cases_lerp = { samples, misuse };
