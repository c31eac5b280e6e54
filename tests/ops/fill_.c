/* Samples and bad calls of fill_: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_fill_(cd_clone(in[0]), p[0]);
}

static cd_tensor *in_a_transposed_copy(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    return cd_fill_(cd_t(cd_clone(in[0])), p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 1.5 });
    cd_sample(s, call, { cd_arange(3) }, { -2.5 });
    cd_sample(s, in_a_transposed_copy, { cd_full(CD_SHAPE(2, 3), 1, .dtype = CD_I32) }, { 7 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_fill_(NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "int64", cd_fill_(cd_arange(2), NAN));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300", cd_fill_(cd_zeros(CD_SCALAR, .dtype = CD_U8), 300));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_fill_(leaf, 1));
}

const op_cases cases_fill_ = { samples, misuse };
