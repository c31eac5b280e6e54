#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    int64_t to = p[2] > 1e9 ? INT64_MAX : (int64_t)p[2];
    return cd_slice(in[0], (int)p[0], (int64_t)p[1], to, (int64_t)p[3]);
}

static cd_tensor *twice(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_slice(cd_slice(in[0], 0, 1, INT64_MAX, 2), 1, 0, -1, 2);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(5, 3)) }, { 0, 1, 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5, 3)) }, { -1, -2, 1e10, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5, 3)) }, { 0, 0, 5, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(7)) }, { 0, 1, 1e10, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(7)) }, { 0, 3, 2, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(7)) }, { 0, -100, 100, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2)) }, { 0, 0, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2)) }, { 0, 0, 1, 9 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 4))) }, { 0, 1, 4, 2 });
    cd_sample(s, twice, { cd_randn(CD_SHAPE(4, 5)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_slice(NULL, 0, 0, 1, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "step is 0", cd_slice(x, 0, 0, 1, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "step is -1", cd_slice(x, 0, 0, 1, -1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_slice(x, 2, 0, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_slice(cd_zeros(CD_SCALAR), 0, 0, 1, 1));
}

const op_cases cases_slice = { samples, misuse };
