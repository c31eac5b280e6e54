/* Samples and bad calls of squeeze: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_squeeze(in[0], (int)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1, 2)) }, { -2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1)) }, { 0 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(1, 3, 2)), 0, 2) }, { 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_squeeze(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_squeeze(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_squeeze(x, -3));
}

const op_cases cases_squeeze = { samples, misuse };
