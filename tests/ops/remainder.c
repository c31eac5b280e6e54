/* Samples and bad calls of remainder: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_remainder(in[0], cd_add(cd_abs(in[1]), 0.5));
}

static cd_tensor *plain(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_remainder(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_remainder(in[0], p[0]);
}

static cd_tensor *with_integer(cd_tensor *const *in, const double *p)
{
    return cd_remainder(in[0], (int)p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_remainder(p[0], cd_add(cd_abs(in[0]), 0.5));
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_remainder_(cd_clone(in[0]), cd_add(cd_abs(in[1]), 0.5));
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
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is 0 (at position 0)", cd_remainder(x, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "divided by 0", cd_remainder(x, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "divided by 0", cd_remainder(cd_to(x, CD_U8), 256));
    cd_expect_error(s, CD_ERR_ARGUMENT, "divided by 0", cd_remainder_(x, zeros));
    cd_expect_error(s, CD_ERR_ARGUMENT, "divided by 0", cd_remainder(truth, cd_to(zeros, CD_I32)));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_remainder(truth, truth));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_remainder_(x, 2.5));
    cd_expect_error(s, CD_ERR_SHAPE, "(6)", cd_remainder(x, cd_ones(CD_SHAPE(4))));
    cd_expect_error(s, CD_ERR_SHAPE, "2x6",
                    cd_remainder_(x, cd_ones(CD_SHAPE(2, 6), .dtype = CD_I64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_remainder(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_remainder(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", cd_remainder(1, 2));
}

const op_cases cases_remainder = { samples, misuse };
