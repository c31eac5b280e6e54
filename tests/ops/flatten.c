/* Samples and bad calls of flatten: see op_cases.h. */
#include "op_cases.h"

/* p: start and end. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_flatten(in[0], (int)p[0], (int)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2, 2)) }, { 1, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { 0, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 1)) }, { 0, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0, 3)) }, { -2, 2 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) }, { 0, -1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_flatten(NULL, 0, -1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_flatten(x, 0, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_flatten(x, -3, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "comes after", cd_flatten(x, -1, 0));
}

const op_cases cases_flatten = { samples, misuse };
