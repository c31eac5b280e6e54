/* Samples and bad calls of prelu: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_prelu(in[0], in[1]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 3), R(3) });
    cd_sample(s, call, { R(2, 3, 4), R(3) });
    cd_sample(s, call, { R(2, 3, 2, 2), R(1) });
    cd_sample(s, call, { R(4), R(1) });
    cd_sample(s, call, { R(2, 3), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), R(1) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { R(0, 3), R(3) });
    cd_sample(s, call, { R(2, 0), R(0) });
    cd_sample(s, call, { cd_t(R(3, 2)), R(3) });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *w = cd_zeros(CD_SHAPE(2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_prelu(NULL, w));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight is NULL", cd_prelu(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "the weight (2) must have one element, or one for each channel",
                    cd_prelu(x, w));
    cd_expect_error(s, CD_ERR_SHAPE, "of x (2x3), which is 3",
                    cd_prelu(x, cd_zeros(CD_SHAPE(1, 3))));
    cd_expect_error(s, CD_ERR_SHAPE, "of x (2), which is 1", cd_prelu(w, w));
    cd_expect_error(s, CD_ERR_SHAPE, "of x (scalar)", cd_prelu(cd_zeros(CD_SCALAR), w));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_prelu(cd_to(x, CD_F64), w));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_prelu(cd_arange(3), cd_arange(1)));
}

const op_cases cases_prelu = { samples, misuse };
