/* Samples and bad calls of normal_: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_normal_(cd_clone(in[0]), p[0], p[0] + 2, .generator = cd_generator_new(3));
}

static cd_tensor *in_a_transposed_copy(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    return cd_normal_(cd_t(cd_clone(in[0])), p[0], p[1], .generator = cd_generator_new(3));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 20)) }, { -1 });
    cd_sample(s, in_a_transposed_copy, { cd_randn(CD_SHAPE(3, 7)) }, { -1, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_normal_(NULL, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "std must be >= 0, not -1", cd_normal_(x, 0, -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "std", cd_normal_(x, 0, (double)NAN));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    cd_normal_(x, 0, 1, .generator = (cd_generator *)(void *)x));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_normal_(cd_arange(3), 0, 1));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf",
                    cd_normal_(cd_zeros(CD_SHAPE(2), .requires_grad = true), 0, 1));
}

const op_cases cases_normal_ = { samples, misuse };
