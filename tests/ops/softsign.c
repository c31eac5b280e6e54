/* Samples and bad calls of softsign: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_softsign(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, call, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_softsign(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_softsign(cd_eq(cd_arange(3), 1)));
}

const op_cases cases_softsign = { samples, misuse };
