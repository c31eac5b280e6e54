/* Samples and bad calls of round: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_round(in[0]);
}

static cd_tensor *tenths(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_round(in[0], .decimals = 1);
}

static cd_tensor *tens(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_round(cd_mul(in[0], 20), .decimals = -1);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_round_(cd_clone(in[0]));
}

static cd_tensor *tenths_in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_round_(cd_clone(in[0]), .decimals = 1);
}

static cd_tensor *change(cd_tensor *x)
{
    return cd_round_(x);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, tenths, false);
    cd_sample(s, tens, { cd_randn(CD_SHAPE(2, 3)) });
    cd_sample_unary(s, in_place, false);
    cd_sample(s, tenths_in_place, { cd_randn(CD_SHAPE(2, 3)) });
    cd_sample(s, call, { cd_arange(3) });
    cd_sample(s, in_place, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, change);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_round(cd_eq(cd_arange(3), 1)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_round(cd_arange(3), .decimals = 1));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_round_(cd_arange(3), .decimals = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_round(NULL));
}

const op_cases cases_round = { samples, misuse };
