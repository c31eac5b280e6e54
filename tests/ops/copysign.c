/* Samples and bad calls of copysign: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_copysign(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_copysign(in[0], p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_copysign_(cd_clone(in[0]), in[1]);
}

static cd_tensor *number_in_place(cd_tensor *const *in, const double *p)
{
    return cd_copysign_(cd_clone(in[0]), p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { -0.0 });
    cd_sample(s, with_number, { cd_arange(4) }, { -3 });
    cd_sample(s, tensors, { cd_arange(3), cd_sub(cd_arange(3), 1) });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, number_in_place, { cd_randn(CD_SHAPE(2)) }, { -1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_copysign(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_copysign_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_copysign_(cd_arange(3), 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_copysign(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_copysign(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_copysign_(NULL, 1));
}

const op_cases cases_copysign = { samples, misuse };
