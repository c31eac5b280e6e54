/* conv_transpose1d: the transposed convolution of rows, plus a bias: conv_transpose2d of images of
 * one row.
 *
 * x is N x C x L, or C x L; weight is C x O/groups x K; bias is O, or NULL. Saves x for the
 * gradient of the weight, and the weight for that of x. */
#include "autograd/families/conv_internal.h"

cd_tensor *cd_conv_transpose1d_with(cd_conv_transpose1d_options o)
{
    return cd_conv_transpose_call(&(cd_conv_given){ .name = "conv_transpose1d",
                                                    .x = o.x,
                                                    .weight = o.weight,
                                                    .bias = o.bias,
                                                    .stride[1] = o.stride,
                                                    .padding[1] = o.padding,
                                                    .dilation[1] = o.dilation,
                                                    .output_padding[1] = o.output_padding,
                                                    .groups = o.groups,
                                                    .line = true });
}

const cd_op cd_op_conv_transpose1d = {
    .name = "conv_transpose1d",
    .grad_fn = "ConvolutionBackward0",
    .like = "torch.nn.functional.conv_transpose1d(x, weight, bias, stride, padding, "
            "output_padding, groups, dilation)",
    .formula = "y[n, o, j stride - padding + q dilation] = bias[o] + sum over c, j, q of "
               "weight[c,o,q] x[n,c,j]",
    .gradient = "as conv_transpose2d",
    .dtypes = "floating and int64, the same for all",
    CD_CONV_OPERANDS,
    CD_OP_ATTRIBUTES(cd_conv_transpose_attributes, cd_conv_transpose_fields),
    .infer = cd_infer_conv_transpose,
    .cpu = { .workspace = cd_conv_transpose_workspace, .run = cd_conv_transpose_run },
    .backward = cd_conv_transpose_backward,
};
