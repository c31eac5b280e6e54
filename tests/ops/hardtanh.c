/* Samples and bad calls of hardtanh: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_hardtanh(in[0]);
}

static cd_tensor *bounds(cd_tensor *const *in, const double *p)
{
    return cd_hardtanh(in[0], .min_val = p[0], .max_val = p[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_hardtanh_(cd_clone(in[0]), .min_val = p[0]);
}

static cd_tensor *change(cd_tensor *x)
{
    return cd_hardtanh_(x);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, bounds, { cd_randn(CD_SHAPE(3, 4)) }, { -0.25, 0.75 });
    cd_sample(s, bounds, { cd_randn(CD_SHAPE(3, 4)) }, { CD_ZERO, INFINITY });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(3, 4)) }, { -0.5 });
    cd_sample(s, bounds, { cd_arange(5) }, { 1.5, 3.5 });
    cd_sample(s, bounds, { cd_to(cd_arange(5), CD_U8) }, { -2, 300 });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, change);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_hardtanh(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_hardtanh(cd_eq(cd_arange(3), 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "min_val (2) is above max_val (1)",
                    cd_hardtanh(cd_zeros(CD_SHAPE(2)), .min_val = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300",
                    cd_hardtanh(cd_zeros(CD_SHAPE(2)), .max_val = 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+20 is not among",
                    cd_hardtanh(cd_arange(3), .max_val = 1e20));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300 is not among",
                    cd_hardtanh(cd_to(cd_arange(3), CD_U8), .min_val = 300, .max_val = 400));
}

const op_cases cases_hardtanh = { samples, misuse };
