/* Samples and bad calls of histc: see op_cases.h. */
#include "op_cases.h"

/* p: the bins, min, max. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_histc(in[0], .bins = p[0], .min = p[1], .max = p[2]);
}

static cd_tensor *three(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_histc(in[0], .bins = 3);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, three, false);
    cd_sample(s, call, { cd_randn(CD_SHAPE(20)) }, { 5 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 5)) }, { 3, -1, 1 });
    cd_sample(s, call, { cd_full(CD_SHAPE(4), 2) }, { 5 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)) }, { 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(3)), *nan = cd_full(CD_SHAPE(3), NAN);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_histc(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_histc(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1 or more", cd_histc(x, .bins = CD_ZERO));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-2: 1 or more", cd_histc(x, .bins = -2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "2.5: a whole number", cd_histc(x, .bins = 2.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "nan: a whole number", cd_histc(x, .bins = NAN));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".max (1) must be above .min (3)",
                    cd_histc(x, .min = 3, .max = 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "begins at", cd_histc(nan));
    cd_expect_error(s, CD_ERR_ARGUMENT, "ends at inf", cd_histc(x, .max = INFINITY));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300", cd_histc(x, .max = 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1e+300", cd_histc(x, .min = -1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "near 1e+30", cd_histc(cd_full(CD_SHAPE(2), 1e30)));
}

const op_cases cases_histc = { samples, misuse };
