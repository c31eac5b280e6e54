/* Samples and bad calls of float_power: see op_cases.h. */
#include "op_cases.h"

/* Of positive bases. */
static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_float_power(cd_exp(in[0]), in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_float_power(in[0], p[0]);
}

static cd_tensor *of_number(cd_tensor *const *in, const double *p)
{
    return cd_float_power(p[0], in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_float_power_(cd_clone(cd_to(in[0], CD_F64)), p[0]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, tensors, { R(2, 3), R(3) });
    cd_sample(s, tensors, { cd_randn(CD_SCALAR), R(2, 2) });
    cd_sample(s, tensors, { R(0, 3), R(1) });
    cd_sample(s, with_number, { R(2, 3) }, { 2 });
    cd_sample(s, with_number, { cd_arange(4) }, { -1 });
    cd_sample(s, of_number, { R(3) }, { 2 });
    cd_sample(s, of_number, { cd_arange(4) }, { 1.5 });
    cd_sample(s, in_place, { R(2, 3) }, { 3 });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "float_power_", NULL };
    s->names = names;
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *y = cd_zeros(CD_SHAPE(2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_float_power(NULL, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_float_power(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "one must be a tensor", cd_float_power(2, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_float_power(x, y));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_float_power_(NULL, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_float_power_(cd_to(x, CD_F64), NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "x is float32", cd_float_power_(x, 2));
}

const op_cases cases_float_power = { samples, misuse };
