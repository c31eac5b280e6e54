/* Samples and bad calls of addcmul: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *plain(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_addcmul(in[0], in[1], in[2]);
}

static cd_tensor *scaled(cd_tensor *const *in, const double *p)
{
    return cd_addcmul(in[0], in[1], in[2], .value = p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_addcmul_(cd_clone(in[0]), in[1], in[2], .value = -1.5);
}

static void samples(cd_samples *s)
{
    cd_sample_three(s, plain, in_place);
    cd_sample(s, scaled, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(1)) },
              { 0.5 });
    cd_sample(s, scaled, { cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)) },
              { CD_ZERO });
    cd_sample(s, scaled, { cd_arange(3), cd_randn(CD_SHAPE(2, 1)), cd_arange(3) }, { 2 });
    cd_sample(s, scaled, { cd_arange(3), cd_arange(3), cd_to(cd_arange(3), CD_U8) }, { 2.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *other = cd_zeros(CD_SHAPE(2, 4));
    cd_tensor *bytes = cd_ones(CD_SHAPE(2), .dtype = CD_U8), *truth = cd_eq(bytes, 1);
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x3), a (2x4) and b (2x3)", cd_addcmul(x, other, x));
    cd_expect_error(s, CD_ERR_SHAPE, "in place", cd_addcmul_(x, cd_zeros(CD_SHAPE(4, 2, 3)), x));
    cd_expect_error(s, CD_ERR_DTYPE, "float32",
                    cd_addcmul_(cd_arange(3), cd_ones(CD_SHAPE(3)), cd_ones(CD_SHAPE(3))));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_addcmul(truth, truth, truth));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".value is 1e+300", cd_addcmul(x, x, x, .value = 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".value is 300",
                    cd_addcmul(bytes, bytes, bytes, .value = 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_addcmul(NULL, x, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_addcmul(x, NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_addcmul(x, x, NULL));
}

const op_cases cases_addcmul = { samples, misuse };
