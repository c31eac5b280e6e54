/* Samples and bad calls of frac: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_frac(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_frac_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, in_place, false);
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_frac_);
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_frac(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_frac(NULL));
}

const op_cases cases_frac = { samples, misuse };
