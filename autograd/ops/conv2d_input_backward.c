/* autograd/ops/conv2d_input_backward.c
 *
 *   y = I(dy, w), the gradient of the input of conv2d     ddy = C(g, w), dw = W(dy, g)
 *
 * for a gradient g of y; see conv2d.c for C, I and W. Keeps the geometry in i[0..6]; saves weight
 * if ddy is wanted, dy if dw is. */
#include "autograd/conv_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_geometry g = cd_geometry_of(node);
    bool wants_dy = cd_wanted(node, 0);
    if (wants_dy) dx[0] = cd_convolution(dy[0], cd_saved_value(node, 0), NULL, g);
    if (cd_wanted(node, 1)) {
        cd_tensor *sent = cd_saved_value(node, wants_dy);
        dx[1] = cd_conv2d_weight_backward(sent, dy[0], cd_input_shape(node, 1), g);
    }
}

bool cd_op_conv_dy(cd_call *call, const cd_conv2d *conv, const cd_tensor *dy,
                   const cd_tensor *other)
{
    cd_shape right = CD_SHAPE(conv->images, conv->out_channels, conv->out_h, conv->out_w);
    if (!cd_op_fits(call, dy, right)) return false;
    if (dy->dtype == other->dtype && cd_dtype_is_floating(dy->dtype)) return true;
    return cd_op_fail(call, CD_ERR_DTYPE,
                      "dy is %s and the other operand %s: both must be of one "
                      "floating dtype",
                      cd_dtype_name(dy->dtype), cd_dtype_name(other->dtype));
}

cd_tensor *cd_conv2d_input_backward(cd_tensor *dy, cd_tensor *weight, cd_shape shape, cd_geometry g)
{
    cd_call call;
    cd_conv2d conv;
    if (!cd_op_begin(&call, &cd_op_conv2d_input_backward, dy, weight)) return NULL;
    if (!cd_op_conv(&call, shape, weight->shape, g, &conv) ||
        !cd_op_conv_dy(&call, &conv, dy, weight)) {
        return cd_op_end(&call);
    }
    void *workspace;
    cd_tensor *from = cd_op_contiguous(&call, dy), *by = cd_op_contiguous(&call, weight);
    cd_tensor *y = cd_op_output(&call, dy->dtype, shape);
    if (y && cd_op_conv_workspace(&call, &conv, CD_CONV2D_GRAD_INPUT, dy->dtype, &workspace)) {
        cd_conv2d_grad_input(&conv, dy->dtype, cd_tensor_data(from), cd_tensor_data(by),
                             cd_tensor_data(y), workspace);
    }
    if (cd_tracks(dy)) cd_op_save(&call, weight);
    if (cd_tracks(weight)) cd_op_save(&call, dy);
    return cd_op_end(&call);
}

/* In p: the shape of the input, and the options. */
enum { IMAGES, CHANNELS, HEIGHT, WIDTH, STRIDE, PADDING, DILATION, GROUPS };

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    const cd_geometry g = cd_square_geometry((int64_t)p[STRIDE], (int64_t)p[PADDING],
                                             (int64_t)p[DILATION], (int64_t)p[GROUPS]);
    const cd_shape shape =
        CD_SHAPE((int64_t)p[IMAGES], (int64_t)p[CHANNELS], (int64_t)p[HEIGHT], (int64_t)p[WIDTH]);
    return cd_conv2d_input_backward(in[0], in[1], shape, g);
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
    const cd_geometry g = {
        .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1, .groups = 1
    };
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 2, 3, 3)), *weight = cd_zeros(CD_SHAPE(2, 3, 3, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 1x2x4x4",
                    cd_conv2d_input_backward(dy, weight, CD_SHAPE(1, 3, 6, 6), g));
    cd_expect_error(s, CD_ERR_SHAPE, "larger",
                    cd_conv2d_input_backward(dy, weight, CD_SHAPE(1, 3, 2, 2), g));
    cd_expect_error(s, CD_ERR_DTYPE, "float64",
                    cd_conv2d_input_backward(cd_to(dy, CD_F64), weight, CD_SHAPE(1, 3, 5, 5), g));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 1 is NULL",
                    cd_conv2d_input_backward(NULL, weight, CD_SHAPE(1, 3, 5, 5), g));
}

const cd_op cd_op_conv2d_input_backward = {
    .name = "conv2d_input_backward",
    .grad_fn = "ConvolutionBackwardBackward0",
    .like = "torch.nn.grad.conv2d_input(shape, weight, dy, ...)",
    .formula = "y = dy correlated with weight turned round: conv2d's dx",
    .gradient = "ddy = conv2d(g, weight), dw as conv2d's with g for x",
    .dtypes = "floating, one",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
