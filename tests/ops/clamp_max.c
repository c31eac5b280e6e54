/* Samples and bad calls of clamp_max: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *number(cd_tensor *const *in, const double *p)
{
    return cd_clamp_max(in[0], p[0]);
}

static cd_tensor *tensor(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_clamp_max(in[0], in[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_clamp_max_(cd_clone(in[0]), p[0]);
}

static cd_tensor *tensor_in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_clamp_max_(cd_clone(in[0]), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_bound(s, number, tensor, in_place, tensor_in_place);
}

static void misuse(cd_samples *s)
{
    cd_misuse_bound(s, cd_clamp_max_with, cd_clamp_max_with_, -1);
}

const op_cases cases_clamp_max = { samples, misuse };
