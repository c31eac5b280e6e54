/* Samples and bad calls of zero_: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_zero_(cd_clone(in[0]));
}

static cd_tensor *in_a_transposed_copy(cd_tensor *const *in, const double *p)
{
    (void)p;
    CD_NO_GRAD();
    return cd_zero_(cd_t(cd_clone(in[0])));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, in_a_transposed_copy, { cd_arange(4) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_zero_(NULL));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_zero_(leaf));
    cd_expect_error(s, CD_ERR_ARGUMENT, "share one place",
                    cd_zero_(cd_expand(cd_zeros(CD_SHAPE(1)), CD_SHAPE(3))));
}

const op_cases cases_zero_ = { samples, misuse };
