/* Samples and bad calls of addbmm: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_addbmm(in[0], in[1], in[2], .beta = p[0], .alpha = p[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_addbmm_(cd_clone(in[0]), in[1], in[2], .beta = p[0], .alpha = p[1]);
}

static void samples(cd_samples *s)
{
    cd_tensor *a = cd_randn(CD_SHAPE(2, 2, 3)), *b = cd_randn(CD_SHAPE(2, 3, 4));
    cd_tensor *bias = cd_randn(CD_SHAPE(4)), *full = cd_randn(CD_SHAPE(2, 4));
    cd_tensor *whole = cd_view(cd_arange(8), CD_SHAPE(2, 2, 2));
    cd_sample(s, call, { bias, a, b });
    cd_sample(s, call, { full, a, b }, { 0.5, -2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1)), a, b }, { CD_ZERO, 3 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), a, b }, { 2, CD_ZERO });
    cd_sample(s, call, { bias, cd_randn(CD_SHAPE(2, 2, 0)), cd_randn(CD_SHAPE(2, 0, 4)) }, { 3 });
    cd_sample(s, call, { bias, cd_randn(CD_SHAPE(0, 2, 3)), cd_randn(CD_SHAPE(0, 3, 4)) });
    cd_sample(s, call, { cd_view(cd_arange(4), CD_SHAPE(2, 2)), whole, whole }, { 2.5, 3.5 });
    cd_sample(s, call, { bias, cd_transpose(cd_randn(CD_SHAPE(2, 3, 2)), 1, 2), b });
    cd_sample(s, in_place, { full, a, b });
    cd_sample(s, in_place, { full, a, b }, { CD_ZERO, 2 });
    cd_sample(s, in_place, { cd_t(cd_randn(CD_SHAPE(4, 2))), a, b }, { 0.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *a = cd_zeros(CD_SHAPE(2, 2, 3)), *b = cd_zeros(CD_SHAPE(2, 3, 4));
    cd_tensor *bias = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_SHAPE, "columns of mat1 (3) must equal rows of mat2 (2)",
                    cd_addbmm(bias, a, a));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (3)", cd_addbmm(cd_zeros(CD_SHAPE(3)), a, b));
    cd_expect_error(s, CD_ERR_SHAPE, "3 dimensions", cd_addbmm(bias, bias, b));
    cd_expect_error(s, CD_ERR_DTYPE, "bias is float64", cd_addbmm(cd_to(bias, CD_F64), a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, "bias is NULL", cd_addbmm(NULL, a, b));
    cd_expect_error(s, CD_ERR_SHAPE, "changed in place", cd_addbmm_(bias, a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".beta is 1e+300", cd_addbmm(bias, a, b, .beta = 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".alpha is 1e+300", cd_addbmm(bias, a, b, .alpha = 1e300));
}

const op_cases cases_addbmm = { samples, misuse };
