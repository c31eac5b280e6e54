/* Samples and bad calls of sub: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_sub(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_sub(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_sub(p[0], in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 1.5 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_tensor *truth = cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL);
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_sub(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_sub(NULL, x));
    cd_expect_error(s, CD_ERR_DTYPE, "a is bool", cd_sub(truth, truth));
    cd_expect_error(s, CD_ERR_DTYPE, "b is bool", cd_sub(cd_arange(2), truth));
    cd_expect_error(s, CD_ERR_DTYPE, "a is bool", cd_sub(truth, 1.5));
    cd_expect_error(s, CD_ERR_DTYPE, "b is bool", cd_sub(x, (bool)true));
    cd_expect_error(s, CD_ERR_DTYPE, "b is bool", cd_sub_(cd_zeros(CD_SHAPE(2)), truth));
    cd_expect_error(s, CD_ERR_DTYPE, "x is bool", cd_sub_(truth, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", cd_sub(1, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_sub_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
}

const op_cases cases_sub = { samples, misuse };
