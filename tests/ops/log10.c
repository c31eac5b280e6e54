/* Samples and bad calls of log10: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_log10(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_log10_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, true);
    cd_sample_unary(s, in_place, true);
    cd_sample(s, call, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_log10_);
    cd_expect_error(s, CD_ERR_DTYPE, "in place, is int64", cd_log10_(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_log10(NULL));
}

const op_cases cases_log10 = { samples, misuse };
