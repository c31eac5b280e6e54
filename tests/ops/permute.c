#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_shape order = { .ndim = (int)p[0] };
    for (int i = 0; i < order.ndim; i++) order.dim[i] = (int64_t)p[1 + i];
    return cd_permute(in[0], order);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 3, 2, 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 3, 0, -1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 3, 2)) }, { 4, 0, 2, 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 2, 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1)) }, { 2, 1, 0 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { 2, 1, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_permute(NULL, CD_SHAPE(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_permute(x, CD_SHAPE(0, 1, 2)));
    cd_expect_error(s, CD_ERR_SHAPE, "twice", cd_permute(x, CD_SHAPE(0, -2)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_permute(x, CD_SHAPE(0, 2)));
}

const op_cases cases_permute = { samples, misuse };
