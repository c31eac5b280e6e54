/* Samples and bad calls of argmax: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_argmax(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_min_max(s, call);
}

static void misuse(cd_samples *s)
{
    cd_misuse_min_max(s, cd_argmax);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_argmax(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL)));
}

const op_cases cases_argmax = { samples, misuse };
