/* Samples and bad calls of adaptive_avg_pool2d: see op_cases.h. */
#include "op_cases.h"

enum { HEIGHT, WIDTH }; /* in p: of the output */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_adaptive_avg_pool2d(in[0], (int64_t)p[HEIGHT], (int64_t)p[WIDTH]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4, 4)) }, { [HEIGHT] = 2, [WIDTH] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 5, 7)) }, { [HEIGHT] = 3, [WIDTH] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 5, 7)) }, { [HEIGHT] = 2, [WIDTH] = 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 4, 5)) }, { [HEIGHT] = 1, [WIDTH] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 4, 5)) }, { [HEIGHT] = 1, [WIDTH] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 3, 2)) }, { [HEIGHT] = 3, [WIDTH] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 2, 3)) }, { [HEIGHT] = 4, [WIDTH] = 5 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 1, 1)) }, { [HEIGHT] = 2, [WIDTH] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 4, 4)) }, { [HEIGHT] = 2, [WIDTH] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 4, 4)) }, { [HEIGHT] = 1, [WIDTH] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 4, 4)) }, { [HEIGHT] = 2, [WIDTH] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 4, 4)) }, { [HEIGHT] = 0, [WIDTH] = 2 });
    cd_sample(s, call, { cd_permute(cd_randn(CD_SHAPE(1, 4, 5, 2)), CD_SHAPE(0, 3, 1, 2)) },
              { [HEIGHT] = 3, [WIDTH] = 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 2, 4, 4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_adaptive_avg_pool2d(NULL, 2, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "negative", cd_adaptive_avg_pool2d(x, -2, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "N x C x H x W",
                    cd_adaptive_avg_pool2d(cd_zeros(CD_SHAPE(4, 4)), 2, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "1x2x0x4",
                    cd_adaptive_avg_pool2d(cd_zeros(CD_SHAPE(1, 2, 0, 4)), 2, 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_adaptive_avg_pool2d(cd_to(x, CD_I64), 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_adaptive_avg_pool2d(x, INT64_MAX, INT64_MAX));
}

const op_cases cases_adaptive_avg_pool2d = { samples, misuse };
