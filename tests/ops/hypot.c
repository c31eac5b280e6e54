/* Samples and bad calls of hypot: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_hypot(in[0], in[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_hypot_(cd_clone(in[0]), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_hypot(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_hypot(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_hypot(x, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_hypot(cd_arange(3), cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_hypot_(NULL, x));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_hypot_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_hypot_(cd_arange(3), cd_zeros(CD_SHAPE(3))));
}

const op_cases cases_hypot = { samples, misuse };
