/* Samples and bad calls of sub: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_sub(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_sub(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_sub(p[0], in[0]);
}

static cd_tensor *scaled(cd_tensor *const *in, const double *p)
{
    return cd_sub(in[0], in[1], .alpha = p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_sub_(cd_clone(in[0]), in[1], .alpha = p[0]);
}

static cd_tensor *reversed(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_rsub(in[0], in[1]);
}

static cd_tensor *scaled_reversed(cd_tensor *const *in, const double *p)
{
    return cd_rsub(in[0], in[1], .alpha = p[0]);
}

static cd_tensor *number_reversed(cd_tensor *const *in, const double *p)
{
    return cd_rsub(in[0], p[0], .alpha = p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 1.5 });
    cd_sample_binary(s, reversed);
    cd_sample(s, scaled, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { 0.5 });
    cd_sample(s, scaled, { cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(4, 2, 1)) }, { CD_ZERO });
    cd_sample(s, scaled, { cd_randn(CD_SHAPE(0)), cd_randn(CD_SCALAR) }, { -2 });
    cd_sample(s, scaled, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)) }, { 3 });
    cd_sample(s, scaled, { cd_arange(4), cd_to(cd_arange(4), CD_U8) }, { -3 });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { 0.5 });
    cd_sample(s, scaled_reversed, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { 0.5 });
    cd_sample(s, scaled_reversed, { cd_arange(4), cd_to(cd_arange(4), CD_U8) }, { 3 });
    cd_sample(s, number_reversed, { cd_randn(CD_SHAPE(2, 3)) }, { 0.5, 0 });
    cd_sample(s, number_reversed, { cd_randn(CD_SHAPE(3)) }, { 0.5, 2 });
    cd_sample(s, number_reversed, { cd_randn(CD_SHAPE(0, 2)) }, { 2, 3 });
    cd_sample(s, number_reversed, { cd_arange(3) }, { 2, 3 });
    cd_sample(s, number_reversed, { cd_randn(CD_SCALAR) }, { 2, CD_ZERO });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -2 });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "rsub", NULL };
    s->names = names;
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_tensor *truth = cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL);
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_sub(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_sub(NULL, x));
    cd_expect_error(s, CD_ERR_DTYPE, "a is bool", cd_sub(truth, truth));
    cd_expect_error(s, CD_ERR_DTYPE, "b is bool", cd_sub(cd_arange(2), truth));
    cd_expect_error(s, CD_ERR_DTYPE, "a is bool", cd_sub(truth, 1.5));
    cd_expect_error(s, CD_ERR_DTYPE, "b is bool", cd_sub(x, (bool)true));
    cd_expect_error(s, CD_ERR_DTYPE, "b is bool", cd_sub_(cd_zeros(CD_SHAPE(2)), truth));
    cd_expect_error(s, CD_ERR_DTYPE, "x is bool", cd_sub_(truth, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", cd_sub(1, 2));
    cd_tensor *n = cd_arange(3);
    cd_expect_error(s, CD_ERR_ARGUMENT, ".alpha is 2.5", cd_sub(n, n, .alpha = 2.5));
    cd_expect_error(s, CD_ERR_DTYPE, "a is bool", cd_sub(truth, truth, .alpha = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_sub_(n, x, .alpha = 2));
    cd_expect_error(s, CD_ERR_DTYPE, "b is bool", cd_rsub(x, truth));
    cd_expect_error(s, CD_ERR_DTYPE, "a is bool", cd_rsub(truth, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_rsub(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".alpha is ", cd_rsub(n, n, .alpha = 2.5));
    cd_expect_error(s, CD_ERR_SHAPE, "a (2x3)", cd_rsub(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_sub_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
}

const op_cases cases_sub = { samples, misuse };
