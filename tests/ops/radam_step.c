/* Samples and bad calls of radam_step: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *step(cd_tensor *const *in, const double *p)
{
    return cd_call_step(&cd_op_radam_step, in, p, NULL);
}

static void samples(cd_samples *s)
{
    cd_sample_steps(s, step, 2);
}

static void misuse(cd_samples *s)
{
    cd_misuse_steps(s, step, 2);
}

const op_cases cases_radam_step = { samples, misuse };
