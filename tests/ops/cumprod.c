/* Samples and bad calls of cumprod: see op_cases.h. */
#include "op_cases.h"

/* parameters: the dimension, nothing, the dtype. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_cumprod(in[0], (int)p[0], .dtype = (cd_dtype)p[2]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_cumprod_(cd_clone(in[0]), (int)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1 });
    cd_sample(s, in_place, { cd_randn(CD_SCALAR) }, { 0 });
    cd_sample(s, call, { cd_mul(cd_randn(CD_SHAPE(5, 4)), cd_gt(cd_randn(CD_SHAPE(5, 4)), 0)) },
              { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 0)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 300)) }, { 0 });
    cd_sample(s, call, { cd_arange(5) }, { 0 });
    cd_sample(s, call, { cd_arange(300) }, { 0, false, CD_U8 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)) }, { 0, false, CD_F64 });
    cd_sample(s, in_place, { cd_to(cd_arange(90), CD_U8) }, { 0 });
    cd_sample(s, call, { cd_gt(cd_randn(CD_SHAPE(4, 3)), 0) }, { 0 });
}

static cd_tensor *change(cd_tensor *x)
{
    return cd_cumprod_(x, 0);
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_misuse_in_place(s, change);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_cumprod(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_cumprod(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_cumprod_(x, -3));
    cd_expect_error(s, CD_ERR_DTYPE, "cannot change in place to float64",
                    cd_cumprod_(x, 0, .dtype = CD_F64));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_cumprod(x, 0, .dtype = CD_BOOL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_cumprod_(cd_eq(x, 0), 0));
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_cumprod(x, 0, .dtype = (cd_dtype)99));
}

const op_cases cases_cumprod = { samples, misuse };
