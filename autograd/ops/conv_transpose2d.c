/* conv_transpose2d: the transposed convolution of images, plus a bias: the gradient of conv2d with
 * respect to its input.
 *
 * x is N x C x H x W, or one image C x H x W; weight is C x O/groups x KH x KW; bias is O, or NULL.
 * Saves x for the gradient of the weight, and the weight for that of x. Kernels: core/cpu/conv*.c.
 * Its gradients are those of conv2d_input_backward: see ops/conv2d.c. families/conv.c has its
 * functions. */
#include "autograd/families/conv_internal.h"

cd_tensor *cd_conv_transpose2d_with(cd_conv_transpose2d_options o)
{
    int64_t padding_w, more_w;
    if (!cd_conv_width("conv_transpose2d", "padding", o.padding, o.padding_w, o.padding_w_is_zero,
                       &padding_w) ||
        !cd_conv_width("conv_transpose2d", "output_padding", o.output_padding, o.output_padding_w,
                       o.output_padding_w_is_zero, &more_w)) {
        return NULL;
    }
    return cd_conv_transpose_call(
        &(cd_conv_given){ .name = "conv_transpose2d",
                          .x = o.x,
                          .weight = o.weight,
                          .bias = o.bias,
                          .stride = { o.stride, o.stride_w ? o.stride_w : o.stride },
                          .padding = { o.padding, padding_w },
                          .dilation = { o.dilation, o.dilation_w ? o.dilation_w : o.dilation },
                          .output_padding = { o.output_padding, more_w },
                          .groups = o.groups });
}

const cd_op cd_op_conv_transpose2d = {
    .name = "conv_transpose2d",
    .grad_fn = "ConvolutionBackward0",
    .like = "torch.nn.functional.conv_transpose2d(x, weight, bias, stride, padding, "
            "output_padding, groups, dilation)",
    .formula = "y[n, o, i stride - padding + p dilation, j stride - padding + q dilation] = "
               "bias[o] + sum over c, i, j, p, q of weight[c,o,p,q] x[n,c,i,j]",
    .gradient = "dx = conv2d(dy, w), dw = conv2d_weight_backward(x, dy), dbias = sum of dy over n, "
                "i, j",
    .dtypes = "floating and int64, the same for all",
    CD_CONV_OPERANDS,
    CD_OP_ATTRIBUTES(cd_conv_transpose_attributes, cd_conv_transpose_fields),
    .infer = cd_infer_conv_transpose,
    .cpu = { .workspace = cd_conv_transpose_workspace, .run = cd_conv_transpose_run },
    .backward = cd_conv_transpose_backward,
};
