/* Samples and bad calls of avg_pool2d: see op_cases.h. */
#include "op_cases.h"

enum {
    KERNEL,
    STRIDE,
    PADDING,
    KERNEL_W,
    STRIDE_W,
    PADDING_W,
    NO_PADDING_W,
    CEIL,
    EXCLUDE,
    DIVISOR
};

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_avg_pool2d(in[0], (int64_t)p[KERNEL], .stride = (int64_t)p[STRIDE],
                         .padding = (int64_t)p[PADDING], .kernel_w = (int64_t)p[KERNEL_W],
                         .stride_w = (int64_t)p[STRIDE_W], .padding_w = (int64_t)p[PADDING_W],
                         .padding_w_is_zero = p[NO_PADDING_W] != 0, .ceil_mode = p[CEIL] != 0,
                         .exclude_padding = p[EXCLUDE] != 0,
                         .divisor_override = (int64_t)p[DIVISOR]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 3, 4, 4) }, { 2 });
    cd_sample(s, call, { R(2, 5, 4) }, { 3, 2, 1 });
    cd_sample(s, call, { R(1, 2, 5, 5) }, { 3, 2, 1, [EXCLUDE] = 1 });
    cd_sample(s, call, { R(1, 2, 5, 5) }, { 2, [CEIL] = 1 });
    cd_sample(s, call, { R(1, 2, 5, 5) }, { 2, [CEIL] = 1, [EXCLUDE] = 1 });
    cd_sample(s, call, { R(1, 2, 4, 6) },
              { 2, 1, 1, [KERNEL_W] = 3, [STRIDE_W] = 2, [NO_PADDING_W] = 1 });
    cd_sample(s, call, { R(2, 4, 6) }, { 2, [KERNEL_W] = 4, [PADDING_W] = 2 });
    cd_sample(s, call, { R(2, 4, 4) }, { 2, 1, 1, [DIVISOR] = 3 });
    cd_sample(s, call, { R(2, 4, 4) }, { 2, [DIVISOR] = -1 });
    cd_sample(s, call, { R(0, 2, 4, 4) }, { 2 });
    cd_sample(s, call, { cd_transpose(R(2, 5, 4), 1, 2) }, { 2 });
    cd_sample(s, call, { cd_view(cd_arange(40), CD_SHAPE(2, 5, 4)) }, { 2 });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(1, 4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_avg_pool2d(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (4x6) must be", cd_avg_pool2d(cd_index(x, 0), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int32", cd_avg_pool2d(cd_to(x, CD_I32), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "uint8", cd_avg_pool2d(cd_to(x, CD_U8), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "at least 1x1: x 1x4x6, kernel 0", cd_avg_pool2d(x, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "larger than the padded input: x 1x4x6, kernel 5x2",
                    cd_avg_pool2d(x, 5, .kernel_w = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "half the kernel", cd_avg_pool2d(x, 2, .padding = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "stride must be at least 1",
                    cd_avg_pool2d(x, 2, .stride = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "must not be negative", cd_avg_pool2d(x, 2, .padding_w = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".padding_w is 1, and .padding_w_is_zero",
                    cd_avg_pool2d(x, 2, .padding_w = 1, .padding_w_is_zero = true));
    cd_expect_error(s, CD_ERR_SHAPE, "at least one row",
                    cd_avg_pool2d(cd_ones(CD_SHAPE(1, 0, 3)), 2));
}

const op_cases cases_avg_pool2d = { samples, misuse };
