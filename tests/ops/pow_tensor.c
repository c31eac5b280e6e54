/* Samples and bad calls of pow_tensor: see op_cases.h. */
#include "op_cases.h"

/* The base is made positive, so that the power is differentiable with respect to both. */
static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_pow(cd_add(cd_abs(in[0]), 0.3), in[1]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_pow(p[0], in[0]);
}

static cd_tensor *as_they_are(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_pow(in[0], in[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_pow_(cd_add(cd_abs(in[0]), 0.3), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(4)), cd_arange(4) });
    cd_sample_binary(s, tensors);
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { 2.5 });
    cd_sample(s, number_first, { cd_t(cd_randn(CD_SHAPE(2, 3))) }, { 0.5 });
    cd_sample(s, as_they_are, { cd_arange(4), cd_arange(4) });
    cd_sample(s, as_they_are, { cd_randn(CD_SHAPE(3)), cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *truth = cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL);
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_pow(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_pow(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_pow(x, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_pow(truth, truth));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_pow_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_pow_(NULL, x));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_pow_(cd_arange(3), cd_zeros(CD_SHAPE(3))));
}

const op_cases cases_pow_tensor = { samples, misuse };
