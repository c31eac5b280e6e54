/* Samples and bad calls of logit: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_logit(in[0]);
}

static cd_tensor *limited(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_logit(in[0], .eps = 0.3);
}

static cd_tensor *at_zero(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_logit(in[0], .eps = CD_ZERO);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_logit_(cd_clone(in[0]));
}

static cd_tensor *change(cd_tensor *x)
{
    return cd_logit_(x);
}

static void samples(cd_samples *s)
{
    cd_sample_unary_in(s, call, cd_sigmoid);
    cd_sample_unary_in(s, limited, cd_sigmoid);
    cd_sample(s, at_zero, { cd_sigmoid(cd_randn(CD_SHAPE(2, 3))) });
    cd_sample_unary_in(s, in_place, cd_sigmoid);
    cd_sample(s, limited, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, change);
    cd_expect_error(s, CD_ERR_DTYPE, "in place, is int64", cd_logit_(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_logit(NULL));
}

const op_cases cases_logit = { samples, misuse };
