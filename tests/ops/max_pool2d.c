/* Samples and bad calls of max_pool2d: see op_cases.h. */
#include "op_cases.h"

enum { KERNEL, STRIDE, PADDING, DILATION, CEIL_MODE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_max_pool2d(in[0], (int64_t)p[KERNEL], .stride = (int64_t)p[STRIDE],
                         .padding = (int64_t)p[PADDING], .dilation = (int64_t)p[DILATION],
                         .ceil_mode = p[CEIL_MODE] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4, 4)) }, { [KERNEL] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 6, 5)) },
              { [KERNEL] = 3, [STRIDE] = 2, [PADDING] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 5, 5)) },
              { [KERNEL] = 3, [STRIDE] = 1, [PADDING] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 5, 4)) }, { [KERNEL] = 2, [STRIDE] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 5, 5)) }, { [KERNEL] = 2, [STRIDE] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 7, 7)) },
              { [KERNEL] = 3, [STRIDE] = 1, [DILATION] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 6, 6)) },
              { [KERNEL] = 2, [PADDING] = 1, [DILATION] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 5, 6)) }, { [KERNEL] = 2, [CEIL_MODE] = true });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 6, 6)) },
              { [KERNEL] = 3, [STRIDE] = 2, [PADDING] = 1, [CEIL_MODE] = true });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 4, 4)) }, { [KERNEL] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 1, 1)) }, { [KERNEL] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 3, 3)) }, { [KERNEL] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 4, 4)) }, { [KERNEL] = 2 });
    cd_sample(s, call, { cd_permute(cd_randn(CD_SHAPE(1, 4, 5, 2)), CD_SHAPE(0, 3, 1, 2)) },
              { [KERNEL] = 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 2, 4, 4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_max_pool2d(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "kernel is larger than the padded input: x 1x2x4x4, kernel 5",
                    cd_max_pool2d(x, 5));
    cd_expect_error(s, CD_ERR_SHAPE, "half the kernel", cd_max_pool2d(x, 2, .padding = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "1x1", cd_max_pool2d(x, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "stride", cd_max_pool2d(x, 2, .stride = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "at least one row",
                    cd_max_pool2d(cd_zeros(CD_SHAPE(1, 2, 0, 4)), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "N x C x H x W", cd_max_pool2d(cd_zeros(CD_SHAPE(4, 4)), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_max_pool2d(cd_to(x, CD_BOOL), 2));
}

const op_cases cases_max_pool2d = { samples, misuse };
