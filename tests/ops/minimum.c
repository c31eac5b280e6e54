/* Samples and bad calls of minimum: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_minimum(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_minimum(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_minimum(p[0], in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_choice(s, tensors, with_number, number_first);
}

static void misuse(cd_samples *s)
{
    cd_misuse_choice(s, cd_minimum_with, -1);
}

const op_cases cases_minimum = { samples, misuse };
