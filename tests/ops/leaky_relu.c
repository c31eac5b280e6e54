/* Samples and bad calls of leaky_relu: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_leaky_relu(in[0]);
}

static cd_tensor *steep(cd_tensor *const *in, const double *p)
{
    return cd_leaky_relu(in[0], .negative_slope = p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_leaky_relu_(cd_clone(in[0]), .negative_slope = p[0]);
}

static cd_tensor *change(cd_tensor *x)
{
    return cd_leaky_relu_(x);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, steep, { cd_randn(CD_SHAPE(3, 4)) }, { -1.5 });
    cd_sample(s, steep, { cd_randn(CD_SHAPE(3, 4)) }, { CD_ZERO });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(3, 4)) }, { 0.25 });
    cd_sample(s, in_place, { cd_randn(CD_SCALAR) }, { CD_ZERO });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "leaky_relu_", NULL };
    s->names = names;
    cd_misuse_in_place(s, change);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_leaky_relu(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_leaky_relu(cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_leaky_relu_(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300",
                    cd_leaky_relu(cd_zeros(CD_SHAPE(2)), .negative_slope = 1e300));
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_tensor *y = cd_sum(cd_leaky_relu_(cd_clone(x), .negative_slope = -1));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "unless negative_slope is negative (here -1)",
                    (void *)(uintptr_t)cd_backward(y));
}

const op_cases cases_leaky_relu = { samples, misuse };
