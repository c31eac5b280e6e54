/* Samples and bad calls of maximum: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_maximum(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_maximum(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_maximum(p[0], in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_choice(s, tensors, with_number, number_first);
}

static void misuse(cd_samples *s)
{
    cd_misuse_choice(s, cd_maximum_with, 300);
}

const op_cases cases_maximum = { samples, misuse };
