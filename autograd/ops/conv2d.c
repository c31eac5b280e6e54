/* conv2d: the cross-correlation of images with a weight, per group of channels, plus a bias.
 *
 * x is N x C x H x W, or one image C x H x W; weight is O x C/groups x KH x KW; bias is O, or NULL.
 * Saves x for the gradient of the weight, and the weight for that of x. Kernels: core/cpu/conv*.c.
 * families/conv.c has its functions, families/conv_call.c the padding "same".
 *
 * The gradients of x and of the weight are ops. Each of the three ops is linear in both inputs, and
 * its gradients are the other two, so all can be differentiated any number of times. conv1d, the
 * same of rows, and the transposed convolutions have these gradients too. With g the gradient of
 * the output:
 *
 *   op                          gradient of its first input         gradient of its second
 *   conv2d(x, w)                input_backward(g, w)                weight_backward(g, x)
 *   input_backward(dy, w)       conv2d(g, w)                        weight_backward(dy, g)
 *   weight_backward(dy, x)      conv2d(x, g)                        input_backward(dy, g) */
#include "autograd/families/conv_internal.h"

cd_tensor *cd_conv2d_with(cd_conv2d_options o)
{
    int64_t padding_w;
    if (!cd_conv_width("conv2d", "padding", o.padding, o.padding_w, o.padding_w_is_zero,
                       &padding_w)) {
        return NULL;
    }
    return cd_conv_call(
        &(cd_conv_given){ .name = "conv2d",
                          .x = o.x,
                          .weight = o.weight,
                          .bias = o.bias,
                          .stride = { o.stride, o.stride_w ? o.stride_w : o.stride },
                          .padding = { o.padding, padding_w },
                          .dilation = { o.dilation, o.dilation_w ? o.dilation_w : o.dilation },
                          .groups = o.groups });
}

const cd_op cd_op_conv2d = {
    .name = "conv2d",
    .grad_fn = "ConvolutionBackward0",
    .like = "torch.nn.functional.conv2d(x, weight, bias, stride, padding, dilation, groups)",
    .formula =
        "y[n,o,i,j] = bias[o] + sum over c, p, q of weight[o,c,p,q] x[n, c, i stride - padding + "
        "p dilation, j stride - padding + q dilation]",
    .gradient =
        "dx = conv2d_input_backward(dy, w), dw = conv2d_weight_backward(dy, x), dbias = sum of dy "
        "over n, i, j",
    .dtypes = "floating, int64, and without a dilation int32 and uint8; the same for all",
    CD_CONV_OPERANDS,
    CD_OP_ATTRIBUTES(cd_conv2d_sizes, cd_conv_fields),
    .infer = cd_infer_conv_forward,
    .cpu = { .workspace = cd_conv_workspace, .run = cd_conv_run },
    .backward = cd_conv_backward,
};
