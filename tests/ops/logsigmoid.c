/* Samples and bad calls of logsigmoid: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_logsigmoid(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, call, { cd_mul(cd_randn(CD_SHAPE(3, 5)), 4) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_logsigmoid(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_logsigmoid(cd_arange(3)));
}

const op_cases cases_logsigmoid = { samples, misuse };
