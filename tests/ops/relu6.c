/* Samples and bad calls of relu6: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_relu6(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_relu6_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, in_place, false);
    cd_sample(s, call, { cd_mul(cd_randn(CD_SHAPE(3, 5)), 6) });
    cd_sample(s, call, { cd_arange(9) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_relu6_);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_relu6(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_relu6(cd_eq(cd_arange(3), 1)));
}

const op_cases cases_relu6 = { samples, misuse };
