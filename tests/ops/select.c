/* Samples and bad calls of select: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension and the index. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_select(in[0], (int)p[0], (int64_t)p[1]);
}

/* p: the index of dimension 0, and that of dimension 0 of the result. */
static cd_tensor *twice(cd_tensor *const *in, const double *p)
{
    return cd_select(cd_select(in[0], 0, (int64_t)p[0]), 0, (int64_t)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 1, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2)) }, { -2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 0, -3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 0, 1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 4))) }, { 0, 2 });
    cd_sample(s, twice, { cd_randn(CD_SHAPE(3, 4)) }, { 1, -2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_select(NULL, 0, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "index 4", cd_select(x, 0, 4));
    cd_expect_error(s, CD_ERR_SHAPE, "4x6", cd_select(x, 1, -7));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_select(x, 2, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_select(cd_zeros(CD_SCALAR), 0, 0));
}

const op_cases cases_select = { samples, misuse };
