/* Samples and bad calls of addmv: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_addmv(in[0], in[1], in[2], .beta = p[0], .alpha = p[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_addmv_(cd_clone(in[0]), in[1], in[2], .beta = p[0], .alpha = p[1]);
}

static void samples(cd_samples *s)
{
    cd_tensor *a = cd_randn(CD_SHAPE(2, 3)), *b = cd_randn(CD_SHAPE(3)),
              *bias = cd_randn(CD_SHAPE(2));
    cd_tensor *square = cd_view(cd_arange(9), CD_SHAPE(3, 3));
    cd_sample(s, call, { bias, a, b });
    cd_sample(s, call, { bias, a, b }, { 0.5, -2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)), a, b }, { CD_ZERO, 3 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), a, b }, { 2, CD_ZERO });
    cd_sample(s, call, { bias, cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(0)) }, { 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(0, 3)), b });
    cd_sample(s, call, { cd_arange(3), square, cd_arange(3) }, { 2.5, 3.5 });
    cd_sample(s, call, { bias, cd_t(cd_randn(CD_SHAPE(3, 2))), b });
    cd_sample(s, in_place, { bias, a, b });
    cd_sample(s, in_place, { bias, a, b }, { CD_ZERO, 2 });
    cd_sample(s, in_place, { cd_select(cd_randn(CD_SHAPE(2, 4)), 1, 2), a, b }, { 0.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *a = cd_zeros(CD_SHAPE(2, 3)), *b = cd_zeros(CD_SHAPE(3)),
              *bias = cd_zeros(CD_SHAPE(2));
    cd_expect_error(s, CD_ERR_SHAPE, "columns of mat1 (3)", cd_addmv(bias, a, bias));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (3)", cd_addmv(b, a, b));
    cd_expect_error(s, CD_ERR_SHAPE, "mat2 (2x3) a vector", cd_addmv(bias, a, a));
    cd_expect_error(s, CD_ERR_DTYPE, "bias is float64", cd_addmv(cd_to(bias, CD_F64), a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, "bias is NULL", cd_addmv(NULL, a, b));
    cd_expect_error(s, CD_ERR_SHAPE, "changed in place", cd_addmv_(cd_zeros(CD_SHAPE(1)), a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".beta is 1e+300", cd_addmv(bias, a, b, .beta = 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".alpha is 1e+300", cd_addmv(bias, a, b, .alpha = 1e300));
}

const op_cases cases_addmv = { samples, misuse };
