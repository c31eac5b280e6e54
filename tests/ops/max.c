/* Samples and bad calls of max: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_max(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_min_max(s, call);
}

static void misuse(cd_samples *s)
{
    cd_misuse_min_max(s, cd_max);
}

const op_cases cases_max = { samples, misuse };
