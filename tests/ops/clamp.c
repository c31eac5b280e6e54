/* Samples and bad calls of clamp: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *numbers(cd_tensor *const *in, const double *p)
{
    return cd_clamp(in[0], p[0], p[1]);
}

static cd_tensor *between_half_and_minus_half(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_clamp(in[0], -0.5, 0.5);
}

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_clamp(in[0], in[1], in[2]);
}

static cd_tensor *tensor_and_number(cd_tensor *const *in, const double *p)
{
    return cd_clamp(in[0], in[1], p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_clamp_(cd_clone(in[0]), p[0], p[1]);
}

static cd_tensor *tensors_in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_clamp_(cd_clone(in[0]), in[1], in[2]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample_unary(s, between_half_and_minus_half, false);
    cd_sample(s, numbers, { R(3, 4) }, { 0.5, -0.5 });
    cd_sample(s, numbers, { cd_arange(4) }, { 0.5, 2 });
    cd_sample(s, tensors, { R(2, 3), R(2, 3), R(2, 3) });
    cd_sample(s, tensors, { R(3), R(2, 1), cd_randn(CD_SCALAR) });
    cd_sample(s, tensors, { cd_randn(CD_SCALAR), R(4, 1, 1), R(2, 3) });
    cd_sample(s, tensors, { R(0, 3), R(3), R(1) });
    cd_sample(s, tensors, { R(1), R(1), R(1, 1) });
    cd_sample(s, tensors, { cd_t(R(3, 2)), R(2, 3), cd_t(R(3, 2)) });
    cd_sample(s, tensors, { cd_arange(3), cd_full(CD_SHAPE(3), 1, .dtype = CD_I64), R(3) });
    cd_sample(s, tensor_and_number, { R(2, 3), R(3) }, { 0.5 });
    cd_sample(s, in_place, { R(3, 4) }, { -0.5, 0.5 });
    cd_sample(s, tensors_in_place, { R(2, 3), R(3), R(2, 1) });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *y = cd_zeros(CD_SHAPE(2));
    cd_tensor *bytes = cd_zeros(CD_SHAPE(2), .dtype = CD_U8), *truth = cd_eq(y, 0);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_clamp(NULL, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "low is NULL", cd_clamp(x, NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "high is NULL", cd_clamp(x, 0, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x3), low (2) and high (scalar)", cd_clamp(x, y, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "in place", cd_clamp_(y, 0, cd_zeros(CD_SHAPE(3, 2))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300 is not among", cd_clamp(bytes, 300, 400));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 is not among", cd_clamp(bytes, -5, -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300", cd_clamp(x, 0, 1e300));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_clamp(truth, (bool)false, (bool)true));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_clamp(truth, truth, truth));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_clamp_(cd_arange(3), 0.5, 1));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_clamp_(bytes, y, y));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_clamp_(leaf, 0, 1));
}

const op_cases cases_clamp = { samples, misuse };
