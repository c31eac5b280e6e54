/* Samples and bad calls of neg: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_neg(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_neg_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, in_place, false);
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_neg_);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_neg_(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_neg(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_neg(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL)));
}

const op_cases cases_neg = { samples, misuse };
