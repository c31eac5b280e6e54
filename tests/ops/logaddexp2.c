/* Samples and bad calls of logaddexp2: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_logaddexp2(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_logaddexp2(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_logaddexp2(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_logaddexp2(x, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_logaddexp2(cd_arange(3), cd_arange(3)));
}

const op_cases cases_logaddexp2 = { samples, misuse };
