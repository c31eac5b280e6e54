/* Samples and bad calls of softmax: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_softmax(in[0], (int)p[0]);
}

static cd_tensor *as_dtype(cd_tensor *const *in, const double *p)
{
    return cd_softmax(in[0], (int)p[0], .dtype = (cd_dtype)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample(s, as_dtype, { cd_randn(CD_SHAPE(2, 3)) }, { 1, CD_F64 });
    cd_sample(s, as_dtype, { cd_arange(5) }, { 0, CD_F32 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 0)) }, { 1 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_softmax(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_softmax(x, 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_softmax(cd_arange(3), 0));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_softmax(x, 0, .dtype = CD_I64));
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_softmax(x, 0, .dtype = (cd_dtype)99));
}

const op_cases cases_softmax = { samples, misuse };
