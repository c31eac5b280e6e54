/* Samples and bad calls of rrelu: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_rrelu(in[0], .lower = p[0], .upper = p[1], .training = true,
                    .generator = cd_generator_new(3));
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_rrelu_(cd_clone(in[0]), .lower = p[0], .upper = p[1], .training = true,
                     .generator = cd_generator_new(3));
}

static cd_tensor *mean(cd_tensor *const *in, const double *p)
{
    return cd_rrelu(in[0], .lower = p[0], .upper = p[1]);
}

static cd_tensor *mean_in_place(cd_tensor *const *in, const double *p)
{
    return cd_rrelu_(cd_clone(in[0]), .lower = p[0], .upper = p[1]);
}

static cd_tensor *change(cd_tensor *x)
{
    return cd_rrelu_(x, .training = true);
}

static cd_tensor *change_by_mean(cd_tensor *x)
{
    return cd_rrelu_(x);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, mean, false);
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 4)) }, { -1.5, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 4)) }, { 0.25, 0.25 });
    cd_sample(s, mean, { cd_randn(CD_SHAPE(3, 4)) }, { -1.5, CD_ZERO });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(3, 4)) }, { -1, -0.5 });
    cd_sample(s, in_place, { cd_t(cd_randn(CD_SHAPE(4, 2))) });
    cd_sample(s, mean_in_place, { cd_randn(CD_SHAPE(3, 4)) });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "rrelu_", "rrelu_mean_", NULL };
    s->names = names;
    cd_misuse_in_place(s, change);
    cd_misuse_in_place(s, change_by_mean);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_rrelu(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_rrelu(NULL, .training = true));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_rrelu(cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_rrelu(cd_arange(3), .training = true));
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, ".lower is 0.5, and must be at most .upper, 0.333333",
                    cd_rrelu(x, .lower = 0.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".lower is -inf, and must be finite",
                    cd_rrelu(x, .lower = -INFINITY));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".upper is nan, and must be finite",
                    cd_rrelu(x, .upper = NAN, .training = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    cd_rrelu(x, .training = true, .generator = (cd_generator *)(void *)x));
    cd_tensor *y = cd_sum(cd_rrelu_(cd_clone(x), .lower = -1, .upper = -0.5));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "unless the mean of lower and upper is negative",
                    (void *)(uintptr_t)cd_backward(y));
}

const op_cases cases_rrelu = { samples, misuse };
