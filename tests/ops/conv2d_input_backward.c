/* Samples and bad calls of conv2d_input_backward: see op_cases.h. */
#include "op_cases.h"

/* In p: the shape of the input, and the options. */
enum { IMAGES, CHANNELS, HEIGHT, WIDTH, STRIDE, PADDING, DILATION, GROUPS };

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    const cd_conv2d_sizes a = square_convolution((int64_t)p[STRIDE], (int64_t)p[PADDING],
                                                 (int64_t)p[DILATION], (int64_t)p[GROUPS]);
    const cd_shape shape =
        CD_SHAPE((int64_t)p[IMAGES], (int64_t)p[CHANNELS], (int64_t)p[HEIGHT], (int64_t)p[WIDTH]);
    return cd_conv2d_input_backward(in[0], in[1], shape, &a);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 3, 3)), cd_randn(CD_SHAPE(2, 3, 3, 3)) },
              { [IMAGES] = 2, [CHANNELS] = 3, [HEIGHT] = 5, [WIDTH] = 5 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 4, 4)), cd_randn(CD_SHAPE(2, 2, 3, 3)) },
              { [IMAGES] = 1, [CHANNELS] = 2, [HEIGHT] = 4, [WIDTH] = 4, [PADDING] = 1 });
    cd_sample(
        s, call, { cd_randn(CD_SHAPE(1, 2, 2, 3)), cd_randn(CD_SHAPE(2, 2, 3, 3)) },
        { [IMAGES] = 1, [CHANNELS] = 2, [HEIGHT] = 4, [WIDTH] = 5, [STRIDE] = 2, [PADDING] = 1 });
    cd_sample(
        s, call, { cd_randn(CD_SHAPE(1, 2, 3, 2)), cd_randn(CD_SHAPE(2, 1, 3, 3)) },
        { [IMAGES] = 1, [CHANNELS] = 2, [HEIGHT] = 7, [WIDTH] = 6, [DILATION] = 2, [GROUPS] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 3, 3)), cd_randn(CD_SHAPE(2, 3, 1, 1)) },
              { [IMAGES] = 1, [CHANNELS] = 3, [HEIGHT] = 3, [WIDTH] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 1, 1)), cd_randn(CD_SHAPE(1, 1, 3, 3)) },
              { [IMAGES] = 1, [CHANNELS] = 1, [HEIGHT] = 1, [WIDTH] = 1, [PADDING] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 3, 3)), cd_randn(CD_SHAPE(2, 2, 2, 2)) },
              { [IMAGES] = 0, [CHANNELS] = 2, [HEIGHT] = 4, [WIDTH] = 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 2, 2)), cd_randn(CD_SHAPE(2, 3, 2, 2)) },
              { [IMAGES] = 1, [CHANNELS] = 3, [HEIGHT] = 5, [WIDTH] = 4, [STRIDE] = 2 });
}

static void misuse(cd_samples *s)
{
    const cd_conv2d_sizes a = square_convolution(1, 0, 1, 1);
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 2, 3, 3)), *weight = cd_zeros(CD_SHAPE(2, 3, 3, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 1x2x4x4",
                    cd_conv2d_input_backward(dy, weight, CD_SHAPE(1, 3, 6, 6), &a));
    cd_expect_error(s, CD_ERR_SHAPE, "larger",
                    cd_conv2d_input_backward(dy, weight, CD_SHAPE(1, 3, 2, 2), &a));
    cd_expect_error(s, CD_ERR_DTYPE, "float64",
                    cd_conv2d_input_backward(cd_to(dy, CD_F64), weight, CD_SHAPE(1, 3, 5, 5), &a));
    cd_expect_error(s, CD_ERR_ARGUMENT, "dy is NULL",
                    cd_conv2d_input_backward(NULL, weight, CD_SHAPE(1, 3, 5, 5), &a));
}

const op_cases cases_conv2d_input_backward = { samples, misuse };
