/* Samples and bad calls of isclose: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *plain(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_isclose(in[0], in[1]);
}

static cd_tensor *near(cd_tensor *const *in, const double *p)
{
    return cd_isclose(in[0], in[1], .rtol = p[0], .atol = p[1], .equal_nan = p[2] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, plain);
    cd_sample(s, near, { cd_randn(CD_SHAPE(3, 4)), cd_randn(CD_SHAPE(4)) }, { 0.5, 0.25 });
    cd_sample(s, near, { cd_full(CD_SHAPE(2), NAN), cd_full(CD_SHAPE(2), NAN) }, { 0, 0, 1 });
    cd_sample(s, near, { cd_arange(5), cd_full(CD_SHAPE(5), 2, .dtype = CD_I64) }, { CD_ZERO, 1 });
    cd_sample(s, plain, { cd_gt(cd_arange(3), 0), cd_gt(cd_arange(3), 1) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_isclose(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_DTYPE, "b is float64", cd_isclose(x, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_isclose(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_isclose(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".rtol must", cd_isclose(x, x, .rtol = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".atol must", cd_isclose(x, x, .atol = NAN));
}

const op_cases cases_isclose = { samples, misuse };
