/* Samples and bad calls of xlogy: see op_cases.h. */
#include "op_cases.h"

/* The second operand is kept away from 0, where numerical differences say nothing. */
static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_xlogy(in[0], cd_add(cd_abs(in[1]), 0.5));
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_xlogy(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_xlogy(p[0], cd_add(cd_abs(in[0]), 0.5));
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_xlogy_(cd_clone(in[0]), cd_add(cd_abs(in[1]), 0.5));
}

static cd_tensor *number_in_place(cd_tensor *const *in, const double *p)
{
    return cd_xlogy_(cd_clone(in[0]), p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 0.75 });
    cd_sample(s, with_number, { cd_arange(4) }, { 3 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -2 });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, number_in_place, { cd_randn(CD_SHAPE(2)) }, { 1.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_xlogy(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_xlogy_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_xlogy_(cd_arange(3), 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_xlogy(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_xlogy(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_xlogy_(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", cd_xlogy(1, 2));
}

const op_cases cases_xlogy = { samples, misuse };
