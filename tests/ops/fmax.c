/* Samples and bad calls of fmax: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_fmax(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, tensors, { cd_arange(3), cd_full(CD_SHAPE(3), 1, .dtype = CD_I64) });
    cd_sample(s, tensors, { cd_eq(cd_arange(3), 1), cd_randn(CD_SHAPE(3)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_fmax(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_fmax(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_fmax(x, NULL));
}

const op_cases cases_fmax = { samples, misuse };
