/* Samples and bad calls of conv_transpose2d: see op_cases.h. */
#include "op_cases.h"

enum {
    STRIDE,
    PADDING,
    DILATION,
    GROUPS,
    MORE,
    STRIDE_W,
    PADDING_W,
    DILATION_W,
    MORE_W
}; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_conv_transpose2d(in[0], in[1], in[2], .stride = (int64_t)p[STRIDE],
                               .padding = (int64_t)p[PADDING], .dilation = (int64_t)p[DILATION],
                               .groups = (int64_t)p[GROUPS], .output_padding = (int64_t)p[MORE],
                               .stride_w = (int64_t)p[STRIDE_W], .padding_w = (int64_t)p[PADDING_W],
                               .dilation_w = (int64_t)p[DILATION_W],
                               .output_padding_w = (int64_t)p[MORE_W]);
}

static cd_tensor *narrow(cd_tensor *const *in, const double *p)
{
    return cd_conv_transpose2d(in[0], in[1], in[2], .stride = (int64_t)p[STRIDE], .padding = 1,
                               .padding_w_is_zero = true, .output_padding = 1,
                               .output_padding_w_is_zero = true);
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randn(CD_SHAPE(2, 2, 3, 4)), *weight = cd_randn(CD_SHAPE(2, 3, 3, 2));
    cd_tensor *bias = cd_randn(CD_SHAPE(3)), *six = cd_randn(CD_SHAPE(6));
    cd_sample(s, call, { x, weight, bias });
    cd_sample(s, call, { x, weight }, { [PADDING] = 1 });
    cd_sample(s, call, { x, weight, bias }, { [STRIDE] = 2, [PADDING] = 1, [MORE] = 1 });
    cd_sample(s, call, { x, weight },
              { [STRIDE] = 2, [STRIDE_W] = 3, [DILATION] = 2, [DILATION_W] = 1, [MORE_W] = 2 });
    cd_sample(s, call, { x, weight, bias }, { [PADDING] = 1, [PADDING_W] = 2 });
    cd_sample(s, call, { x, weight, six }, { [GROUPS] = 2 });
    cd_sample(s, call, { x, weight, six }, { [STRIDE] = 2, [GROUPS] = 2, [MORE] = 1 });
    cd_sample(s, call, { x, weight, bias }, { [DILATION] = 2, [MORE] = 1 });
    cd_sample(s, call, { x, weight }, { [PADDING] = 1, [DILATION] = 3, [MORE] = 2 });
    cd_sample(s, narrow, { x, weight, bias }, { [STRIDE] = 2 });
    cd_sample(s, call, { x, cd_randn(CD_SHAPE(2, 3, 1, 1)), bias });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2)), weight, bias }, { [STRIDE] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 3, 3)), weight, bias });
    cd_sample(s, call,
              { cd_permute(cd_randn(CD_SHAPE(1, 3, 4, 2)), CD_SHAPE(0, 3, 1, 2)),
                cd_transpose(cd_randn(CD_SHAPE(3, 2, 2, 2)), 0, 1) },
              { [STRIDE] = 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 2, 4, 4)), *weight = cd_zeros(CD_SHAPE(2, 3, 3, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_conv_transpose2d(NULL, weight, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight is NULL", cd_conv_transpose2d(x, NULL, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x (4) must be N x C x H x W or C x H x W",
                    cd_conv_transpose2d(cd_zeros(CD_SHAPE(4)), weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "has 3 channels, and a weight of shape 2x3x3x3 with groups=1 "
                    "takes 2",
                    cd_conv_transpose2d(cd_zeros(CD_SHAPE(1, 3, 4, 4)), weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "groups=3 does not divide the 2 channels",
                    cd_conv_transpose2d(x, weight, NULL, .groups = 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "groups is -1",
                    cd_conv_transpose2d(x, weight, NULL, .groups = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (3)",
                    cd_conv_transpose2d(x, weight, cd_zeros(CD_SHAPE(3)), .groups = 2));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "output_padding must be smaller than stride or dilation: x "
                    "1x2x4x4, weight 2x3x3x3",
                    cd_conv_transpose2d(x, weight, NULL, .stride = 2, .output_padding = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "padding, stride or dilation is too large",
                    cd_conv_transpose2d(x, weight, NULL, .dilation = INT64_MAX,
                                        .output_padding = INT64_MAX - 1));
    cd_expect_error(s, CD_ERR_SHAPE, "output_padding must not be negative",
                    cd_conv_transpose2d(x, weight, NULL, .output_padding = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".output_padding_w_is_zero",
                    cd_conv_transpose2d(x, weight, NULL, .output_padding_w = 1,
                                        .output_padding_w_is_zero = true));
    cd_expect_error(
        s, CD_ERR_ARGUMENT, ".padding_w_is_zero",
        cd_conv_transpose2d(x, weight, NULL, .padding_w = 1, .padding_w_is_zero = true));
    cd_expect_error(s, CD_ERR_SHAPE, "padding must not be negative",
                    cd_conv_transpose2d(x, weight, NULL, .padding = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "conv_transpose2d: .padding must be a number",
                    cd_conv_transpose2d(x, weight, NULL, .padding = CD_PADDING_SAME));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".padding_w is given",
                    cd_conv_transpose2d(x, weight, NULL, .padding_w = CD_PADDING_SAME,
                                        .padding_w_is_zero = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "has more channels than can be counted",
                    cd_conv_transpose2d(x, weight, NULL, .groups = INT64_MAX));
    cd_expect_error(s, CD_ERR_SHAPE, "no pixels",
                    cd_conv_transpose2d(x, weight, NULL, .padding = 3));
    cd_expect_error(s, CD_ERR_SHAPE, "too large",
                    cd_conv_transpose2d(x, weight, NULL, .stride = INT64_MAX / 2));
    cd_expect_error(s, CD_ERR_SHAPE, "only the batch and the channels",
                    cd_conv_transpose2d(cd_zeros(CD_SHAPE(1, 2, 0, 4)), weight, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool",
                    cd_conv_transpose2d(cd_to(x, CD_BOOL), cd_to(weight, CD_BOOL), NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int32",
                    cd_conv_transpose2d(cd_to(x, CD_I32), cd_to(weight, CD_I32), NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "float64",
                    cd_conv_transpose2d(cd_to(x, CD_F64), weight, NULL));
}

const op_cases cases_conv_transpose2d = { samples, misuse };
