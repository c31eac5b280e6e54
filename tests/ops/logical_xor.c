/* Samples and bad calls of logical_xor: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_logical_xor(in[0], in[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_logical_xor_(cd_clone(in[0]), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_logical(s, call, in_place);
}

static void misuse(cd_samples *s)
{
    cd_misuse_logical(s, cd_logical_xor, cd_logical_xor_);
}

const op_cases cases_logical_xor = { samples, misuse };
