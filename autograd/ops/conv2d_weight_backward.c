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
    cd_old_call call;
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

const cd_op cd_op_conv2d_weight_backward = {
    .name = "conv2d_weight_backward",
    .grad_fn = "ConvolutionBackwardBackward0",
    .like = "torch.nn.grad.conv2d_weight(x, shape, dy, ...)",
    .formula = "y = x correlated with dy: conv2d's dw",
    .gradient = "ddy = conv2d(x, g), dx as conv2d's with g for weight",
    .dtypes = "floating, one",
    .backward = backward,
};
