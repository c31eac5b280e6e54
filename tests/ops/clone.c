/* Samples and bad calls of clone: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_clone(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_clone(NULL));
}

const op_cases cases_clone = { samples, misuse };
