/* Samples and bad calls of add: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_add(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_add(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_add(p[0], in[0]);
}

static cd_tensor *scaled(cd_tensor *const *in, const double *p)
{
    return cd_add(in[0], in[1], .alpha = p[0]);
}

static cd_tensor *scaled_number(cd_tensor *const *in, const double *p)
{
    return cd_add(in[0], 3, .alpha = p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_add_(cd_clone(in[0]), in[1], .alpha = p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 1.5 });
    cd_sample(s, scaled, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { 0.5 });
    cd_sample(s, scaled, { cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(4, 2, 1)) }, { CD_ZERO });
    cd_sample(s, scaled, { cd_randn(CD_SHAPE(0)), cd_randn(CD_SCALAR) }, { -2 });
    cd_sample(s, scaled, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)) }, { 3 });
    cd_sample(s, scaled, { cd_arange(4), cd_to(cd_arange(4), CD_U8) }, { -3 });
    cd_sample(s, scaled, { cd_eq(cd_arange(3), 1), cd_eq(cd_arange(3), 2) }, { 2 });
    cd_sample(s, scaled_number, { cd_randn(CD_SHAPE(3)) }, { 0.5 });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { 0.5 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_add(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_add(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_add(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_add_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_add_(cd_arange(3), 0.5));
    cd_tensor *n = cd_arange(3), *bytes = cd_to(n, CD_U8);
    cd_expect_error(s, CD_ERR_ARGUMENT, ".alpha is 2.5", cd_add(n, n, .alpha = 2.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers of uint8", cd_add(bytes, 1, .alpha = 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers of float32", cd_add(x, x, .alpha = 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".alpha is nan", cd_add(n, n, .alpha = NAN));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_add(x, cd_zeros(CD_SHAPE(2, 4)), .alpha = 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_add_(n, 0.5, .alpha = 2));
    cd_tensor *leaf = cd_zeros(CD_SCALAR, .requires_grad = true);
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_add_(leaf, 1));
}

const op_cases cases_add = { samples, misuse };
