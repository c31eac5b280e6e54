/* Samples and bad calls of conv2d_weight_backward: see op_cases.h. */
#include "op_cases.h"

/* In p: the shape of the weight, and the options. */
enum { OUTPUTS, CHANNELS, HEIGHT, WIDTH, STRIDE, PADDING, DILATION, GROUPS };

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    const cd_conv2d_sizes a = square_convolution((int64_t)p[STRIDE], (int64_t)p[PADDING],
                                                 (int64_t)p[DILATION], (int64_t)p[GROUPS]);
    const cd_shape shape =
        CD_SHAPE((int64_t)p[OUTPUTS], (int64_t)p[CHANNELS], (int64_t)p[HEIGHT], (int64_t)p[WIDTH]);
    return cd_conv2d_weight_backward(in[0], in[1], shape, &a);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 3, 3)), cd_randn(CD_SHAPE(2, 3, 5, 5)) },
              { [OUTPUTS] = 2, [CHANNELS] = 3, [HEIGHT] = 3, [WIDTH] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 4, 4)), cd_randn(CD_SHAPE(1, 2, 4, 4)) },
              { [OUTPUTS] = 2, [CHANNELS] = 2, [HEIGHT] = 3, [WIDTH] = 3, [PADDING] = 1 });
    cd_sample(
        s, call, { cd_randn(CD_SHAPE(1, 2, 2, 3)), cd_randn(CD_SHAPE(1, 2, 4, 5)) },
        { [OUTPUTS] = 2, [CHANNELS] = 2, [HEIGHT] = 3, [WIDTH] = 3, [STRIDE] = 2, [PADDING] = 1 });
    cd_sample(
        s, call, { cd_randn(CD_SHAPE(1, 2, 3, 2)), cd_randn(CD_SHAPE(1, 2, 7, 6)) },
        { [OUTPUTS] = 2, [CHANNELS] = 1, [HEIGHT] = 3, [WIDTH] = 3, [DILATION] = 2, [GROUPS] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 3, 3)), cd_randn(CD_SHAPE(1, 3, 3, 3)) },
              { [OUTPUTS] = 2, [CHANNELS] = 3, [HEIGHT] = 1, [WIDTH] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 1, 1)), cd_randn(CD_SHAPE(1, 1, 1, 1)) },
              { [OUTPUTS] = 1, [CHANNELS] = 1, [HEIGHT] = 3, [WIDTH] = 3, [PADDING] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 3, 3)), cd_randn(CD_SHAPE(0, 2, 4, 4)) },
              { [OUTPUTS] = 2, [CHANNELS] = 2, [HEIGHT] = 2, [WIDTH] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 2, 2)), cd_randn(CD_SHAPE(1, 3, 5, 4)) },
              { [OUTPUTS] = 2, [CHANNELS] = 3, [HEIGHT] = 2, [WIDTH] = 2, [STRIDE] = 2 });
}

static void misuse(cd_samples *s)
{
    const cd_conv2d_sizes a = square_convolution(1, 0, 1, 1);
    const cd_shape shape = CD_SHAPE(2, 3, 3, 3);
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 2, 3, 3)), *x = cd_zeros(CD_SHAPE(1, 3, 5, 5));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 1x2x4x4",
                    cd_conv2d_weight_backward(dy, cd_zeros(CD_SHAPE(1, 3, 6, 6)), shape, &a));
    cd_expect_error(s, CD_ERR_SHAPE, "larger",
                    cd_conv2d_weight_backward(dy, x, CD_SHAPE(2, 3, 6, 6), &a));
    cd_expect_error(s, CD_ERR_DTYPE, "float64",
                    cd_conv2d_weight_backward(cd_to(dy, CD_F64), x, shape, &a));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL",
                    cd_conv2d_weight_backward(dy, NULL, shape, &a));
}

const op_cases cases_conv2d_weight_backward = { samples, misuse };
