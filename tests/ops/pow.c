/* Samples and bad calls of pow: see op_cases.h. */
#include "op_cases.h"

/* p: the exponent, as a double. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_pow(in[0], p[0]);
}

/* p: the exponent, as an integer. */
static cd_tensor *to_integer(cd_tensor *const *in, const double *p)
{
    return cd_pow(in[0], (int)p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_pow_(cd_clone(in[0]), p[0]);
}

static void samples(cd_samples *s)
{
    const double exponents[] = { 2, 3, 1, 0, -1, 0.5, -0.5, 2.5, -2 };
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        cd_tensor *x = cd_add(cd_abs(cd_randn(CD_SHAPE(2, 3))), 0.3);
        cd_sample(s, call, { x }, { exponents[i] });
        cd_sample(s, in_place, { x }, { exponents[i] });
    }
    cd_sample(s, to_integer, { cd_randn(CD_SHAPE(2, 3)) }, { 2 });
    cd_sample(s, to_integer, { cd_randn(CD_SHAPE(4)) }, { 3 });
    cd_sample(s, to_integer, { cd_randn(CD_SHAPE(1)) }, { 4 });
    cd_sample(s, to_integer, { cd_randn(CD_SCALAR) }, { 2 });
    cd_sample(s, to_integer, { cd_zeros(CD_SHAPE(2)) }, { 2 });
    cd_sample(s, to_integer, { cd_randn(CD_SHAPE(0, 3)) }, { 3 });
    cd_sample(s, to_integer, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { 2 });
    cd_sample(s, to_integer, { cd_arange(4) }, { 3 });
    cd_sample(s, call, { cd_arange(4) }, { 0.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *truth = cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_pow(NULL, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "negative integer powers", cd_pow(cd_arange(3), -1));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_pow(truth, (bool)true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "8589934592 is not among the numbers of int32",
                    cd_pow(cd_to(cd_arange(3), CD_I32), INT64_C(1) << 33));
    cd_expect_error(s, CD_ERR_ARGUMENT, "uint8", cd_pow(cd_to(cd_arange(3), CD_U8), 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", cd_pow(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_pow_(NULL, 2));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_pow_(cd_arange(3), 0.5));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_pow_(truth, 2));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf",
                    cd_pow_(cd_zeros(CD_SHAPE(2), .requires_grad = true), 2));
}

const op_cases cases_pow = { samples, misuse };
