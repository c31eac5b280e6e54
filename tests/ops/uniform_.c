/* Samples and bad calls of uniform_: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_uniform_(cd_clone(in[0]), p[0], p[0] + 2, .generator = cd_generator_new(3));
}

static cd_tensor *in_a_transposed_copy(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    return cd_uniform_(cd_t(cd_clone(in[0])), p[0], p[1], .generator = cd_generator_new(3));
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
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_uniform_(NULL, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "from 1 to 0", cd_uniform_(x, 1, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "finite", cd_uniform_(x, 0, INFINITY));
    cd_expect_error(s, CD_ERR_ARGUMENT, "nan", cd_uniform_(x, (double)NAN, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    cd_uniform_(x, 0, 1, .generator = (cd_generator *)(void *)x));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_uniform_(cd_arange(3), 0, 1));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf",
                    cd_uniform_(cd_zeros(CD_SHAPE(2), .requires_grad = true), 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "share one place",
                    cd_uniform_(cd_expand(cd_zeros(CD_SHAPE(1)), CD_SHAPE(3)), 0, 1));
}

const op_cases cases_uniform_ = { samples, misuse };
