/* autograd/ops/conv2d_weight_backward.c
 *
 *   y = W(dy, x), the gradient of the weight of conv2d     ddy = C(x, g), dx = I(dy, g)
 *
 * for a gradient g of y; see conv2d.c for C, I and W. Keeps the geometry in i[0..6]; saves x if ddy
 * is wanted, dy if dx is. */
#include "autograd/conv_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_geometry g = cd_geometry_of(node);
    bool wants_dy = cd_wanted(node, 0);
    if (wants_dy) dx[0] = cd_convolution(cd_saved_value(node, 0), dy[0], NULL, g);
    if (cd_wanted(node, 1)) {
        cd_tensor *sent = cd_saved_value(node, wants_dy);
        dx[1] = cd_conv2d_input_backward(sent, dy[0], cd_input_shape(node, 1), g);
    }
}

cd_tensor *cd_conv2d_weight_backward(cd_tensor *dy, cd_tensor *x, cd_shape shape, cd_geometry g)
{
    cd_call call;
    cd_conv2d conv;
    if (!cd_op_begin(&call, &cd_op_conv2d_weight_backward, dy, x)) return NULL;
    if (!cd_op_conv(&call, x->shape, shape, g, &conv) || !cd_op_conv_dy(&call, &conv, dy, x)) {
        return cd_op_end(&call);
    }
    void *workspace;
    cd_tensor *from = cd_op_contiguous(&call, dy), *by = cd_op_contiguous(&call, x);
    cd_tensor *y = cd_op_output(&call, dy->dtype, shape);
    if (y && cd_op_conv_workspace(&call, &conv, CD_CONV2D_GRAD_WEIGHT, dy->dtype, &workspace)) {
        cd_conv2d_grad_weight(&conv, dy->dtype, cd_tensor_data(from), cd_tensor_data(by),
                              cd_tensor_data(y), workspace);
    }
    if (cd_tracks(dy)) cd_op_save(&call, x);
    if (cd_tracks(x)) cd_op_save(&call, dy);
    return cd_op_end(&call);
}

/* In p: the shape of the weight, and the options. */
enum { OUTPUTS, CHANNELS, HEIGHT, WIDTH, STRIDE, PADDING, DILATION, GROUPS };

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    const cd_geometry g = cd_square_geometry((int64_t)p[STRIDE], (int64_t)p[PADDING],
                                             (int64_t)p[DILATION], (int64_t)p[GROUPS]);
    const cd_shape shape =
        CD_SHAPE((int64_t)p[OUTPUTS], (int64_t)p[CHANNELS], (int64_t)p[HEIGHT], (int64_t)p[WIDTH]);
    return cd_conv2d_weight_backward(in[0], in[1], shape, g);
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
    const cd_geometry g = {
        .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1, .groups = 1
    };
    const cd_shape shape = CD_SHAPE(2, 3, 3, 3);
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 2, 3, 3)), *x = cd_zeros(CD_SHAPE(1, 3, 5, 5));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 1x2x4x4",
                    cd_conv2d_weight_backward(dy, cd_zeros(CD_SHAPE(1, 3, 6, 6)), shape, g));
    cd_expect_error(s, CD_ERR_SHAPE, "larger",
                    cd_conv2d_weight_backward(dy, x, CD_SHAPE(2, 3, 6, 6), g));
    cd_expect_error(s, CD_ERR_DTYPE, "float64",
                    cd_conv2d_weight_backward(cd_to(dy, CD_F64), x, shape, g));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 2 is NULL",
                    cd_conv2d_weight_backward(dy, NULL, shape, g));
}

const cd_op cd_op_conv2d_weight_backward = {
    .name = "conv2d_weight_backward",
    .grad_fn = "ConvolutionBackwardBackward0",
    .like = "torch.nn.grad.conv2d_weight(x, shape, dy, ...)",
    .formula = "y = x correlated with dy: conv2d's dw",
    .gradient = "ddy = conv2d(x, g), dx as conv2d's with g for weight",
    .dtypes = "floating, one",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
