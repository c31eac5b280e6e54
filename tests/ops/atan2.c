/* Samples and bad calls of atan2: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_atan2(in[0], in[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_atan2_(cd_clone(in[0]), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, tensors, { cd_arange(3), cd_full(CD_SHAPE(3), 1, .dtype = CD_I64) });
    cd_sample(s, tensors, { cd_eq(cd_arange(3), 1), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_atan2(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_atan2(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_atan2(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_atan2_(NULL, x));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_atan2_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_atan2_(cd_arange(3), cd_zeros(CD_SHAPE(3))));
}

const op_cases cases_atan2 = { samples, misuse };
