/* Samples and bad calls of nadam_step: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *step(cd_tensor *const *in, const double *p)
{
    return cd_call_step(
        &cd_op_nadam_step, in, p,
        cd_full(CD_SCALAR, 0.5, .dtype = CD_F32, .device = in[0] ? cd_device_of(in[0]) : CD_CPU));
}

static void samples(cd_samples *s)
{
    cd_sample_steps(s, step, 2);
}

static void misuse(cd_samples *s)
{
    cd_misuse_steps(s, step, 2);
}

const op_cases cases_nadam_step = { samples, misuse };
