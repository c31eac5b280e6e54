/* Samples and bad calls of transpose: see op_cases.h. */
#include "op_cases.h"

/* p: the two dimensions. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_transpose(in[0], (int)p[0], (int)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 0, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0, 4)) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)) }, { -2, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0, -1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { 0, 1 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_transpose(NULL, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_transpose(cd_zeros(CD_SHAPE(2, 3)), 0, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_transpose(cd_zeros(CD_SHAPE(2, 3)), -3, 1));
}

const op_cases cases_transpose = { samples, misuse };
