/* Samples and bad calls of unfold: see op_cases.h. */
#include "op_cases.h"

enum { KERNEL, KERNEL_W, STRIDE, STRIDE_W, PADDING, PADDING_W, DILATION, DILATION_W }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_unfold(in[0], (int64_t)p[KERNEL], .kernel_w = (int64_t)p[KERNEL_W],
                     .stride = (int64_t)p[STRIDE], .stride_w = (int64_t)p[STRIDE_W],
                     .padding = (int64_t)p[PADDING], .padding_w = (int64_t)p[PADDING_W],
                     .dilation = (int64_t)p[DILATION], .dilation_w = (int64_t)p[DILATION_W]);
}

static cd_tensor *narrow(cd_tensor *const *in, const double *p)
{
    return cd_unfold(in[0], (int64_t)p[KERNEL], .padding = 1, .padding_w_is_zero = true);
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randn(CD_SHAPE(2, 2, 4, 5));
    cd_sample(s, call, { x }, { [KERNEL] = 2 });
    cd_sample(s, call, { x }, { [KERNEL] = 3, [KERNEL_W] = 2, [PADDING] = 1 });
    cd_sample(s, call, { x }, { [KERNEL] = 2, [STRIDE] = 2, [STRIDE_W] = 3, [PADDING_W] = 2 });
    cd_sample(s, call, { x }, { [KERNEL] = 2, [DILATION] = 2, [DILATION_W] = 3, [PADDING] = 1 });
    cd_sample(s, call, { x }, { [KERNEL] = 1, [PADDING] = 2, [STRIDE] = 3 });
    cd_sample(s, narrow, { x }, { [KERNEL] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 3)) }, { [KERNEL] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 3, 3)) }, { [KERNEL] = 2 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(1, 4, 3, 2)), 1, 3) }, { [KERNEL] = 2 });
    cd_sample(s, call, { cd_gt(cd_randn(CD_SHAPE(1, 1, 3, 4)), 0) },
              { [KERNEL] = 2, [PADDING] = 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 2, 3, 4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_unfold(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3x4) must be N x C x H x W or C x H x W",
                    cd_unfold(cd_zeros(CD_SHAPE(3, 4)), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (1x0x3x4)", cd_unfold(cd_zeros(CD_SHAPE(1, 0, 3, 4)), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (0x3x4)", cd_unfold(cd_zeros(CD_SHAPE(0, 3, 4)), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "the kernel is larger than the padded input: x 1x2x3x4",
                    cd_unfold(x, 4));
    cd_expect_error(s, CD_ERR_SHAPE, "the kernel must be at least 1x1", cd_unfold(x, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "stride must be", cd_unfold(x, 2, .stride = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "padding must not", cd_unfold(x, 2, .padding = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "dilation must be", cd_unfold(x, 2, .dilation = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "too large", cd_unfold(x, 2, .padding = INT64_MAX));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".padding_w_is_zero",
                    cd_unfold(x, 2, .padding_w = 1, .padding_w_is_zero = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "unfold: .padding must be a number",
                    cd_unfold(x, 2, .padding = CD_PADDING_SAME));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_unfold(cd_to(x, CD_I64), 2));
}

const op_cases cases_unfold = { samples, misuse };
