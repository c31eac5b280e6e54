/* Samples and bad calls of fmod: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_fmod(in[0], cd_add(cd_abs(in[1]), 0.5));
}

static cd_tensor *plain(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_fmod(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_fmod(in[0], p[0]);
}

static cd_tensor *with_integer(cd_tensor *const *in, const double *p)
{
    return cd_fmod(in[0], (int)p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_fmod(p[0], cd_add(cd_abs(in[0]), 0.5));
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_fmod_(cd_clone(in[0]), cd_add(cd_abs(in[1]), 0.5));
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 0.75 });
    cd_sample(s, with_number, { cd_arange(5) }, { 1.5 });
    cd_sample(s, with_integer, { cd_arange(5) }, { -2 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -2.25 });
    cd_sample(s, plain, { cd_arange(6), cd_full(CD_SHAPE(2, 1), -4, .dtype = CD_I32) });
    cd_sample(s, plain, { cd_arange(6), cd_t(cd_full(CD_SHAPE(6, 2), 4, .dtype = CD_U8)) });
    cd_sample(s, plain, { cd_zeros(CD_SHAPE(0), .dtype = CD_I64), cd_arange(1) });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_arange(6), *truth = cd_eq(x, 1), *zeros = cd_zeros_like(x);
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is 0 (at position 0)", cd_fmod(x, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "divided by 0", cd_fmod(x, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "divided by 0", cd_fmod(cd_to(x, CD_U8), 256));
    cd_expect_error(s, CD_ERR_ARGUMENT, "divided by 0", cd_fmod_(x, zeros));
    cd_expect_error(s, CD_ERR_ARGUMENT, "divided by 0", cd_fmod(truth, cd_to(zeros, CD_I32)));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_fmod(truth, truth));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_fmod_(x, 2.5));
    cd_expect_error(s, CD_ERR_SHAPE, "(6)", cd_fmod(x, cd_ones(CD_SHAPE(4))));
    cd_expect_error(s, CD_ERR_SHAPE, "2x6", cd_fmod_(x, cd_ones(CD_SHAPE(2, 6), .dtype = CD_I64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_fmod(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_fmod(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", cd_fmod(1, 2));
}

const op_cases cases_fmod = { samples, misuse };
