/* Samples and bad calls of addmm: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_addmm(in[0], in[1], in[2]);
}

static cd_tensor *scaled(cd_tensor *const *in, const double *p)
{
    return cd_addmm(in[0], in[1], in[2], .beta = p[0], .alpha = p[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_addmm_(cd_clone(in[0]), in[1], in[2], .beta = p[0], .alpha = p[1]);
}

static void samples(cd_samples *s)
{
    cd_tensor *bias = cd_randn(CD_SHAPE(4)), *a = cd_randn(CD_SHAPE(2, 3));
    cd_tensor *b = cd_randn(CD_SHAPE(3, 4));
    cd_sample(s, call, { bias, a, b });
    cd_sample(s, call, { bias, a, cd_t(cd_randn(CD_SHAPE(4, 3))) });
    cd_sample(s, call, { bias, cd_t(cd_randn(CD_SHAPE(3, 2))), b });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 4)), a, b });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1)), a, b });
    cd_sample(s, call, { cd_randn(CD_SCALAR), a, b });
    cd_sample(s, call, { bias, cd_randn(CD_SHAPE(0, 3)), b });
    cd_sample(s, call, { bias, cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(0, 4)) });
    cd_sample(s, call,
              { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1, 1)), cd_randn(CD_SHAPE(1, 1)) });
    cd_tensor *whole = cd_view(cd_arange(6), CD_SHAPE(2, 3)), *full = cd_randn(CD_SHAPE(2, 4));
    cd_sample(s, scaled, { bias, a, b }, { 0.5, -2 });
    cd_sample(s, scaled, { bias, a, b }, { CD_ZERO, 3 });
    cd_sample(s, scaled, { full, a, b }, { 2, CD_ZERO });
    cd_sample(s, scaled, { bias, cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(0, 4)) }, { 3 });
    cd_sample(s, scaled, { whole, whole, cd_view(cd_arange(9), CD_SHAPE(3, 3)) }, { 2.5, 3.5 });
    cd_sample(s, in_place, { full, a, b });
    cd_sample(s, in_place, { cd_t(cd_randn(CD_SHAPE(4, 2))), a, b }, { 0.5, 2 });
    cd_sample(s, in_place, { full, a, b }, { CD_ZERO });
    cd_sample(s, call, { cd_slice(cd_randn(CD_SHAPE(8)), 0, 0, 8, 2), a, b });
}

static void misuse(cd_samples *s)
{
    cd_tensor *a = cd_zeros(CD_SHAPE(2, 3)), *b = cd_zeros(CD_SHAPE(3, 4));
    cd_tensor *bias = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_SHAPE, "columns of mat1 (3) must equal rows of mat2 (2)",
                    cd_addmm(bias, a, a));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (3)", cd_addmm(cd_zeros(CD_SHAPE(3)), a, b));
    cd_expect_error(s, CD_ERR_SHAPE, "2 dimensions", cd_addmm(bias, bias, b));
    cd_expect_error(s, CD_ERR_DTYPE, "bias is float64", cd_addmm(cd_to(bias, CD_F64), a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, "bias is NULL", cd_addmm(NULL, a, b));
    cd_expect_error(s, CD_ERR_SHAPE, "changed in place", cd_addmm_(bias, a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_addmm_(NULL, a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".beta is 1e+300", cd_addmm(bias, a, b, .beta = 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".alpha is 1e+300", cd_addmm(bias, a, b, .alpha = 1e300));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 4), .requires_grad = true);
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_addmm_(leaf, a, b));
}

const op_cases cases_addmm = { samples, misuse };
