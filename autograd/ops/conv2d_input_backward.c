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

bool cd_op_conv_dy(cd_old_call *call, const cd_conv2d *conv, const cd_tensor *dy,
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
    cd_old_call call;
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

const cd_op cd_op_conv2d_input_backward = {
    .name = "conv2d_input_backward",
    .grad_fn = "ConvolutionBackwardBackward0",
    .like = "torch.nn.grad.conv2d_input(shape, weight, dy, ...)",
    .formula = "y = dy correlated with weight turned round: conv2d's dx",
    .gradient = "ddy = conv2d(g, weight), dw as conv2d's with g for x",
    .dtypes = "floating, one",
    .backward = backward,
};
