/* Samples and bad calls of isin: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_isin(in[0], in[1], .invert = p[0] != 0);
}

static cd_tensor *number(cd_tensor *const *in, const double *p)
{
    return cd_isin(in[0], p[0]);
}

static cd_tensor *of_number(cd_tensor *const *in, const double *p)
{
    return cd_isin(p[0], in[0], .invert = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randint(0, 6, CD_SHAPE(3, 4));
    cd_sample(s, call, { x, cd_randint(0, 6, CD_SHAPE(5)) }, { 0 });
    cd_sample(s, call, { x, cd_randint(0, 6, CD_SHAPE(2, 2)) }, { 1 });
    cd_sample(s, call, { x, cd_to(cd_arange(3), CD_F32) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_zeros(CD_SHAPE(0)) }, { 1 });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(0, 2)), cd_randn(CD_SHAPE(3)) }, { 0 });
    cd_sample(s, call, { cd_ones(CD_SCALAR), cd_ones(CD_SCALAR) }, { 0 });
    cd_sample(s, number, { x }, { 2 });
    cd_sample(s, of_number, { x }, { 2, 0 });
    cd_sample(s, of_number, { x }, { 9, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *no = NULL;
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_isin(no, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "elements is NULL", cd_isin(x, no));
    cd_expect_error(s, CD_ERR_ARGUMENT, "both are numbers", cd_isin(1, 1));
    cd_expect_error(s, CD_ERR_DTYPE, "x is bool", cd_isin(cd_eq(x, 0), 1));
    cd_expect_error(s, CD_ERR_DTYPE, "elements is bool", cd_isin(x, cd_eq(x, 0)));
}

const op_cases cases_isin = { samples, misuse };
