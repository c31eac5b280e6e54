/* conv1d: the cross-correlation of rows with a weight, per group of channels, plus a bias.
 *
 * x is N x C x L, or C x L; weight is O x C/groups x K; bias is O, or NULL. Saves x for the
 * gradient of the weight, and the weight for that of x. It is conv2d of images of one row, and its
 * gradients are those of conv2d: see ops/conv2d.c. */
#include "autograd/families/conv_internal.h"

cd_tensor *cd_conv1d_with(cd_conv1d_options o)
{
    return cd_conv_call(&(cd_conv_given){ .name = "conv1d",
                                          .x = o.x,
                                          .weight = o.weight,
                                          .bias = o.bias,
                                          .stride[1] = o.stride,
                                          .padding[1] = o.padding,
                                          .dilation[1] = o.dilation,
                                          .groups = o.groups,
                                          .line = true });
}

const cd_op cd_op_conv1d = {
    .name = "conv1d",
    .grad_fn = "ConvolutionBackward0",
    .like = "torch.nn.functional.conv1d(x, weight, bias, stride, padding, dilation, groups)",
    .formula = "y[n,o,j] = bias[o] + sum over c, q of weight[o,c,q] x[n, c, j stride - padding + q "
               "dilation]",
    .gradient = "as conv2d",
    .dtypes = "floating, int64, and without a dilation int32 and uint8; the same for all",
    CD_CONV_OPERANDS,
    CD_OP_ATTRIBUTES(cd_conv2d_sizes, cd_conv_fields),
    .infer = cd_infer_conv_forward,
    .cpu = { .workspace = cd_conv_workspace, .run = cd_conv_run },
    .backward = cd_conv_backward,
};
