/* Samples and bad calls of index: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_index(in[0], (int64_t)p[0]);
}

/* p: the index, and that into the result. */
static cd_tensor *twice(cd_tensor *const *in, const double *p)
{
    return cd_index(cd_index(in[0], (int64_t)p[0]), (int64_t)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 1 });
    cd_sample(s, twice, { cd_randn(CD_SHAPE(3, 4)) }, { 1, -2 });
    cd_sample(s, twice, { cd_randn(CD_SHAPE(2, 2, 3)) }, { -1, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_index(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "index 4 is out of range", cd_index(x, 4));
    cd_expect_error(s, CD_ERR_SHAPE, "4x6", cd_index(x, -5));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_index(cd_zeros(CD_SCALAR), 0));
}

const op_cases cases_index = { samples, misuse };
