/* Samples and bad calls of to_device: see op_cases.h. */
#include "op_cases.h"
#include "twin.h"

/* To another device and back. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_to_device(cd_to_device(in[0], twin()), CD_CPU);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, call, { cd_arange(6) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_to_device(NULL, CD_CPU));
    cd_tensor *x = cd_zeros(CD_SHAPE(2)), *described = cd_to_device(x, CD_META);
    cd_expect_error(s, CD_ERR_DEVICE, "99 is no device", cd_to_device(x, (cd_device)99));
    cd_expect_error(s, CD_ERR_DEVICE, "-1 is no device", cd_to_device(x, (cd_device)-1));
    cd_expect_error(s, CD_ERR_STATE, "meta device", cd_to_device(described, CD_CPU));
    cd_expect_error(s, CD_ERR_STATE, "meta device", cd_to_device(described, twin()));
}

const op_cases cases_to_device = { samples, misuse };
