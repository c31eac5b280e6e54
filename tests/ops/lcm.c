/* Samples and bad calls of lcm: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_lcm(in[0], in[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_lcm_(cd_clone(in[0]), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_integers(s, tensors, in_place);
    cd_sample(s, tensors, { cd_arange(5), cd_eq(cd_arange(5), 1) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_arange(3), *truth = cd_eq(x, 1), *real = cd_ones(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_lcm(x, real));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_lcm(truth, truth));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_lcm_(real, x));
    cd_expect_error(s, CD_ERR_DTYPE, "the result is int64", cd_lcm_(truth, x));
    cd_expect_error(s, CD_ERR_SHAPE, "(3)", cd_lcm(x, cd_arange(2)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_lcm(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_lcm(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_lcm_(NULL, x));
}

const op_cases cases_lcm = { samples, misuse };
