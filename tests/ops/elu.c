/* Samples and bad calls of elu: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_elu(in[0]);
}

static cd_tensor *with_alpha(cd_tensor *const *in, const double *p)
{
    return cd_elu(in[0], .alpha = p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_elu_(cd_clone(in[0]), .alpha = p[0]);
}

static cd_tensor *change(cd_tensor *x)
{
    return cd_elu_(x);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, with_alpha, { cd_randn(CD_SHAPE(3, 4)) }, { 1.75 });
    cd_sample(s, with_alpha, { cd_randn(CD_SHAPE(3, 4)) }, { -0.5 });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(3, 4)) }, { 0.75 });
    cd_sample(s, in_place, { cd_randn(CD_SCALAR) }, { 2 });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "elu_", NULL };
    s->names = names;
    cd_misuse_in_place(s, change);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_elu(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_elu(cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_elu_(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300", cd_elu(cd_zeros(CD_SHAPE(2)), .alpha = 1e300));
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_tensor *y = cd_sum(cd_elu_(cd_clone(x), .alpha = -1));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "unless alpha is negative (here -1)",
                    (void *)(uintptr_t)cd_backward(y));
}

const op_cases cases_elu = { samples, misuse };
