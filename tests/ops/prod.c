/* Samples and bad calls of prod: see op_cases.h. */
#include "op_cases.h"

/* parameters[11] is the dtype. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_prod(in[0], .dims = dims_from(p), .keepdim = p[1] != 0, .dtype = (cd_dtype)p[11]);
}

/* x with zeros where the mask is true, so that differences are taken at 0. */
static cd_tensor *with_zeros(cd_tensor *x)
{
    return cd_mul(x, cd_gt(cd_randn(cd_shape_of(x)), 0));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, false, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, true, -1 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) }, { 1, false, 0 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(2, 3))) });
    cd_sample(s, call, { with_zeros(cd_randn(CD_SHAPE(6, 4))) }, { 1, false, 1 });
    cd_sample(s, call, { with_zeros(cd_randn(CD_SHAPE(2, 3))) });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 1, true, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 1, false, 1 });
    cd_sample(s, call, { cd_arange(30) }, { 0, false, [11] = CD_F32 });
    cd_sample(s, call, { cd_arange(4) });
    cd_sample(s, call, { cd_mul(cd_randn(CD_SHAPE(3, 4)), 9) }, { 1, true, 1, [11] = CD_U8 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_prod(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_prod(x, .dims = CD_DIMS(2)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "these are 2", cd_prod(x, .dims = CD_DIMS(0, 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "these are 2", cd_prod(x, .keepdim = true));
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_prod(x, .dtype = (cd_dtype)99));
}

const op_cases cases_prod = { samples, misuse };
