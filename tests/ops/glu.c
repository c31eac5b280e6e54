/* Samples and bad calls of glu: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_glu(in[0], (int)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 6)) }, { -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 4, 3)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 4, 3)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 4)) }, { 1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(4, 3))) }, { 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_glu(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 1 of x (2x3) is odd", cd_glu(x, -1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_glu(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_glu(cd_zeros(CD_SCALAR), 0));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_glu(cd_arange(4), 0));
}

const op_cases cases_glu = { samples, misuse };
