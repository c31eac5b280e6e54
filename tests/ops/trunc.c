/* Samples and bad calls of trunc: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_trunc(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_trunc_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, in_place, false);
    cd_sample(s, call, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_trunc_);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_trunc(cd_eq(cd_arange(3), 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_trunc(NULL));
}

const op_cases cases_trunc = { samples, misuse };
