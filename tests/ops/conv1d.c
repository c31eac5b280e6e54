/* Samples and bad calls of conv1d: see op_cases.h. */
#include "op_cases.h"

enum { STRIDE, PADDING, DILATION, GROUPS, SAME }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    const int64_t padding = p[SAME] == 1   ? CD_PADDING_SAME
                            : p[SAME] == 2 ? CD_PADDING_VALID
                                           : (int64_t)p[PADDING];
    return cd_conv1d(in[0], in[1], in[2], .stride = (int64_t)p[STRIDE], .padding = padding,
                     .dilation = (int64_t)p[DILATION], .groups = (int64_t)p[GROUPS]);
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randn(CD_SHAPE(2, 2, 7)), *weight = cd_randn(CD_SHAPE(4, 2, 3));
    cd_tensor *grouped = cd_randn(CD_SHAPE(4, 1, 3)), *bias = cd_randn(CD_SHAPE(4));
    cd_sample(s, call, { x, weight, bias });
    cd_sample(s, call, { x, weight }, { [PADDING] = 2 });
    cd_sample(s, call, { x, weight, bias }, { [STRIDE] = 2, [PADDING] = 1 });
    cd_sample(s, call, { x, weight }, { [STRIDE] = 3, [DILATION] = 2 });
    cd_sample(s, call, { x, grouped, bias }, { [PADDING] = 1, [GROUPS] = 2 });
    cd_sample(s, call, { x, weight, bias }, { [SAME] = 1 });
    cd_sample(s, call, { x, weight }, { [SAME] = 1, [DILATION] = 2 });
    cd_sample(s, call, { x, cd_randn(CD_SHAPE(3, 2, 2)) }, { [SAME] = 1 });
    cd_sample(s, call, { x, weight }, { [SAME] = 2, [STRIDE] = 2 });
    cd_sample(s, call, { x, cd_randn(CD_SHAPE(3, 2, 1)), NULL });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 7)), weight, bias }, { [PADDING] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 6)), cd_randn(CD_SHAPE(3, 2, 2)) }, { [SAME] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 5)), weight, bias });
    cd_sample(s, call,
              { cd_transpose(cd_randn(CD_SHAPE(2, 7, 2)), 1, 2),
                cd_transpose(cd_randn(CD_SHAPE(4, 3, 2)), 1, 2), bias });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 3, 5)), *weight = cd_zeros(CD_SHAPE(4, 3, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_conv1d(NULL, weight, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight is NULL", cd_conv1d(x, NULL, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x (1x3x5x1) must be N x C x L or C x L",
                    cd_conv1d(cd_unsqueeze(x, -1), weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "the weight (4x3) O x C/groups x K",
                    cd_conv1d(x, cd_zeros(CD_SHAPE(4, 3)), NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "has 2 channels",
                    cd_conv1d(cd_zeros(CD_SHAPE(1, 2, 5)), weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "the kernel is larger than the padded input",
                    cd_conv1d(cd_zeros(CD_SHAPE(1, 3, 2)), weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (3)", cd_conv1d(x, weight, cd_zeros(CD_SHAPE(3))));
    cd_expect_error(s, CD_ERR_SHAPE, "only the batch and the channels",
                    cd_conv1d(cd_zeros(CD_SHAPE(1, 3, 0)), weight, NULL, .padding = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "the stride is 1x2",
                    cd_conv1d(x, weight, NULL, .stride = 2, .padding = CD_PADDING_SAME));
    cd_expect_error(s, CD_ERR_SHAPE, "dilation is too large",
                    cd_conv1d(x, weight, NULL, .dilation = INT64_MAX, .padding = CD_PADDING_SAME));
    cd_expect_error(s, CD_ERR_SHAPE, "padding must not be negative",
                    cd_conv1d(x, weight, NULL, .padding = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "has more channels than can be counted",
                    cd_conv1d(x, weight, NULL, .groups = INT64_MAX));
    cd_expect_error(s, CD_ERR_ARGUMENT, "groups is -1", cd_conv1d(x, weight, NULL, .groups = -1));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_conv1d(cd_to(x, CD_F64), weight, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool",
                    cd_conv1d(cd_to(x, CD_BOOL), cd_to(weight, CD_BOOL), NULL));
}

const op_cases cases_conv1d = { samples, misuse };
