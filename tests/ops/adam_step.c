/* Samples and bad calls of adam_step: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *step(cd_tensor *const *in, const double *p)
{
    return cd_call_step(&cd_op_adam_step, in, p, NULL);
}

static void samples(cd_samples *s)
{
    cd_sample_steps(s, step, 3);
    cd_sample_steps(s, step, 2);
}

static void misuse(cd_samples *s)
{
    cd_misuse_steps(s, step, 3);
}

const op_cases cases_adam_step = { samples, misuse };
