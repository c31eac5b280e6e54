/* Samples and bad calls of fold: see op_cases.h. */
#include "op_cases.h"

enum { HEIGHT, WIDTH, KERNEL, KERNEL_W, STRIDE, PADDING, DILATION }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_fold(in[0], (int64_t)p[HEIGHT], (int64_t)p[WIDTH], (int64_t)p[KERNEL],
                   .kernel_w = (int64_t)p[KERNEL_W], .stride = (int64_t)p[STRIDE],
                   .padding = (int64_t)p[PADDING], .dilation = (int64_t)p[DILATION]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 8, 6)) },
              { [HEIGHT] = 3, [WIDTH] = 4, [KERNEL] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 6, 12)) },
              { [HEIGHT] = 3, [WIDTH] = 3, [KERNEL] = 2, [KERNEL_W] = 3, [PADDING] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 4, 4)) },
              { [HEIGHT] = 4, [WIDTH] = 5, [KERNEL] = 2, [STRIDE] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 4, 6)) },
              { [HEIGHT] = 4, [WIDTH] = 5, [KERNEL] = 2, [DILATION] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 6)) }, { [HEIGHT] = 3, [WIDTH] = 4, [KERNEL] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 4, 6)) },
              { [HEIGHT] = 3, [WIDTH] = 4, [KERNEL] = 2 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(1, 6, 4)), 1, 2) },
              { [HEIGHT] = 3, [WIDTH] = 4, [KERNEL] = 2 });
    cd_sample(s, call, { cd_gt(cd_randn(CD_SHAPE(1, 4, 6)), 0) },
              { [HEIGHT] = 3, [WIDTH] = 4, [KERNEL] = 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 8, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_fold(NULL, 3, 4, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (6) must be N x (C KH KW) x (OH OW)",
                    cd_fold(cd_zeros(CD_SHAPE(6)), 3, 4, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (1x8x0)", cd_fold(cd_zeros(CD_SHAPE(1, 8, 0)), 3, 4, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "columns of 8 elements", cd_fold(x, 3, 4, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "a kernel of 0x0", cd_fold(x, 3, 4, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "has 6 columns, and a plane of 4x4 has 3x3 windows",
                    cd_fold(x, 4, 4, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "the kernel is larger than the padded input",
                    cd_fold(x, 1, 1, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "the result is -3x4", cd_fold(x, -3, 4, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "the result is 0x1, and must be 1x1 or more",
                    cd_fold(cd_zeros(CD_SHAPE(1, 1, 6)), 0, 1, 1, .padding = 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".padding_w_is_zero",
                    cd_fold(x, 3, 4, 2, .padding_w = 1, .padding_w_is_zero = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "fold: .padding must be a number",
                    cd_fold(x, 3, 4, 2, .padding = CD_PADDING_VALID));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_fold(cd_to(x, CD_I64), 3, 4, 2));
}

const op_cases cases_fold = { samples, misuse };
