#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_narrow(in[0], (int)p[0], (int64_t)p[1], (int64_t)p[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 0, 1, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 1, -2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { -1, 3, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 0, 0, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0, 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)) }, { 0, 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 0, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, 1, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_narrow(NULL, 0, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "4x3", cd_narrow(x, 0, 2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "start -5", cd_narrow(x, 0, -5, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "length -1", cd_narrow(x, 0, 0, -1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_narrow(x, 2, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_narrow(cd_zeros(CD_SCALAR), 0, 0, 1));
}

const op_cases cases_narrow = { samples, misuse };
