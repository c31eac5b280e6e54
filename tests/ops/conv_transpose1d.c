/* Samples and bad calls of conv_transpose1d: see op_cases.h. */
#include "op_cases.h"

enum { STRIDE, PADDING, DILATION, GROUPS, MORE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_conv_transpose1d(in[0], in[1], in[2], .stride = (int64_t)p[STRIDE],
                               .padding = (int64_t)p[PADDING], .dilation = (int64_t)p[DILATION],
                               .groups = (int64_t)p[GROUPS], .output_padding = (int64_t)p[MORE]);
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randn(CD_SHAPE(2, 2, 4)), *weight = cd_randn(CD_SHAPE(2, 3, 3));
    cd_tensor *bias = cd_randn(CD_SHAPE(3)), *six = cd_randn(CD_SHAPE(6));
    cd_sample(s, call, { x, weight, bias });
    cd_sample(s, call, { x, weight }, { [PADDING] = 1 });
    cd_sample(s, call, { x, weight }, { [PADDING] = 2 });
    cd_sample(s, call, { x, weight, bias }, { [STRIDE] = 2, [PADDING] = 1, [MORE] = 1 });
    cd_sample(s, call, { x, weight }, { [STRIDE] = 3, [DILATION] = 2 });
    cd_sample(s, call, { x, weight, six }, { [GROUPS] = 2 });
    cd_sample(s, call, { x, weight, bias }, { [DILATION] = 2, [MORE] = 1 });
    cd_sample(s, call, { x, weight, bias }, { [PADDING] = 1, [DILATION] = 3, [MORE] = 2 });
    cd_sample(s, call, { x, weight }, { [STRIDE] = 2, [DILATION] = 4, [MORE] = 3 });
    cd_sample(s, call, { x, cd_randn(CD_SHAPE(2, 3, 1)), bias });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 4)), weight, bias }, { [STRIDE] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), weight }, { [DILATION] = 2, [MORE] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 3)), weight, bias });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 4, 2)), 1, 2), weight, bias });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 2, 4)), *weight = cd_zeros(CD_SHAPE(2, 3, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_conv_transpose1d(NULL, weight, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight is NULL", cd_conv_transpose1d(x, NULL, NULL));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "x (4) must be N x C x L or C x L, and the weight (2x3x3) C x "
                    "O/groups x K",
                    cd_conv_transpose1d(cd_zeros(CD_SHAPE(4)), weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "has 3 channels",
                    cd_conv_transpose1d(cd_zeros(CD_SHAPE(1, 3, 4)), weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (2)",
                    cd_conv_transpose1d(x, weight, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_SHAPE, "output_padding must be smaller",
                    cd_conv_transpose1d(x, weight, NULL, .output_padding = 1));
    cd_expect_error(s, CD_ERR_SHAPE, "no pixels",
                    cd_conv_transpose1d(x, weight, NULL, .padding = 3));
    cd_expect_error(s, CD_ERR_DTYPE, "int32",
                    cd_conv_transpose1d(cd_to(x, CD_I32), cd_to(weight, CD_I32), NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "float64",
                    cd_conv_transpose1d(cd_to(x, CD_F64), weight, NULL));
}

const op_cases cases_conv_transpose1d = { samples, misuse };
