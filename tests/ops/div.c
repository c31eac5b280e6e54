/* Samples and bad calls of div: see op_cases.h. */
#include "op_cases.h"

/* The divisor is kept away from 0, where numerical differences say nothing. */
static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_div(in[0], cd_add(cd_abs(in[1]), 0.5));
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_div(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_div(p[0], cd_add(cd_abs(in[0]), 0.5));
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_div_(cd_clone(in[0]), p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 1.5 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -2 });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)) }, { 4 });
    cd_sample(s, with_number, { cd_arange(3) }, { 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_div(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_div(NULL, x));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_div_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_div_(cd_arange(3), 2));
}

const op_cases cases_div = { samples, misuse };
