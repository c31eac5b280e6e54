/* Samples and bad calls of nanmedian: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_nanmedian(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_min_max(s, call);
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 50)) });
    cd_sample(s, call, { cd_neg(cd_to(cd_arange(6), CD_I32)) });
    cd_sample(s, call, { cd_to(cd_arange(6), CD_U8) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_nanmedian(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_nanmedian(cd_eq(cd_zeros(CD_SHAPE(2)), 0)));
}

const op_cases cases_nanmedian = { samples, misuse };
