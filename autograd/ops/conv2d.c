/* conv2d: the cross-correlation of images with a weight, per group of channels, plus a bias.
 *
 * x is N x C x H x W, or one image C x H x W; weight is O x C/groups x KH x KW; bias is O, or NULL.
 * Saves x for the gradient of the weight, and the weight for that of x. Kernels: core/cpu/conv*.c.
 *
 * The gradients of x and of the weight are ops. Each of the three ops is linear in both inputs, and
 * its gradients are the other two, so all can be differentiated any number of times. With g the
 * gradient of the output:
 *
 *   op                          gradient of its first input         gradient of its second
 *   conv2d(x, w)                input_backward(g, w)                weight_backward(g, x)
 *   input_backward(dy, w)       conv2d(g, w)                        weight_backward(dy, g)
 *   weight_backward(dy, x)      conv2d(x, g)                        input_backward(dy, g) */
#include "autograd/families/conv_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/conv_internal.h"

enum { X, WEIGHT, BIAS };
enum { SAVED_X, SAVED_WEIGHT };

static void conv2d_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_conv2d_sizes *conv = cd_attributes_of(node);
    if (cd_wanted(node, X)) {
        cd_tensor *weight = cd_saved_value(node, SAVED_WEIGHT);
        dx[X] = cd_conv2d_input_backward(dy[0], weight, node->input[X].shape, conv);
    }
    if (cd_wanted(node, WEIGHT)) {
        cd_tensor *x = cd_saved_value(node, SAVED_X);
        dx[WEIGHT] = cd_conv2d_weight_backward(dy[0], x, node->input[WEIGHT].shape, conv);
    }
    if (cd_wanted(node, BIAS)) {
        int64_t channels = dy[0]->shape.dim[1];
        cd_tensor *sum = cd_sum_to_shape(dy[0], CD_SHAPE(1, channels, 1, 1));
        dx[BIAS] = cd_view(sum, CD_SHAPE(channels));
    }
}

/* --- infer ------------------------------------------------------------------------------------ */

static bool check_dtypes(const cd_call *call, const cd_tensor *x, const cd_tensor *weight,
                         const cd_tensor *bias)
{
    if (!cd_dtype_is_floating(x->dtype)) {
        return cd_refuse(call, CD_ERR_DTYPE, "is defined for float32 and float64, not for %s",
                         cd_dtype_name(x->dtype));
    }
    if (x->dtype == weight->dtype && (!bias || bias->dtype == x->dtype)) return true;
    return cd_refuse(call, CD_ERR_DTYPE,
                     "x is %s, the weight %s%s%s: all must have one dtype (cd_to converts)",
                     cd_dtype_name(x->dtype), cd_dtype_name(weight->dtype),
                     bias ? ", the bias " : "", bias ? cd_dtype_name(bias->dtype) : "");
}

static bool check_channels(const cd_call *call, const cd_tensor *x, const cd_tensor *weight,
                           int64_t groups)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    if (x->shape.ndim != 4 || weight->shape.ndim != 4) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x (%s) must be N x C x H x W or C x H x W, and the weight (%s) "
                         "O x C/groups x KH x KW",
                         cd_sizes_text(&x->shape, one), cd_sizes_text(&weight->shape, two));
    }
    int64_t expected;
    if (groups < 1 || __builtin_mul_overflow(weight->shape.dim[1], groups, &expected)) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "groups is %lld, and must be 1 or more",
                         (long long)groups);
    }
    return x->shape.dim[1] == expected ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "x (%s) has %lld channels, and a weight of shape %s with groups=%lld takes "
                     "%lld",
                     cd_sizes_text(&x->shape, one), (long long)x->shape.dim[1],
                     cd_sizes_text(&weight->shape, two), (long long)groups, (long long)expected);
}

static bool check_bias(const cd_call *call, const cd_tensor *weight, const cd_tensor *bias)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    if (!bias || (bias->shape.ndim == 1 && bias->shape.dim[0] == weight->shape.dim[0])) return true;
    return cd_refuse(call, CD_ERR_SHAPE,
                     "the bias (%s) must have one element for each of the %lld output channels of "
                     "the weight (%s)",
                     cd_sizes_text(&bias->shape, one), (long long)weight->shape.dim[0],
                     cd_sizes_text(&weight->shape, two));
}

static bool conv2d_infer(cd_call *call)
{
    const cd_conv2d_sizes *conv = call->launch.attributes;
    const cd_tensor *x = call->in[X].tensor, *weight = call->in[WEIGHT].tensor;
    const cd_tensor *bias = call->in[BIAS].tensor;
    if (!check_channels(call, x, weight, conv->groups) || !check_bias(call, weight, bias) ||
        !check_dtypes(call, x, weight, bias) || !cd_infer_conv(call, x->shape, weight->shape)) {
        return false;
    }
    for (int k = X; k <= BIAS; k++) call->need[k].order = CD_ROW_MAJOR;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = cd_conv_output_shape(conv);
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

static size_t conv2d_workspace(const cd_launch *launch)
{
    return cd_cpu_conv2d_workspace(launch->attributes, CD_CONV2D_FORWARD,
                                   launch->in[X].layout->dtype);
}

static void conv2d_run(const cd_launch *launch)
{
    cd_cpu_conv2d_forward(launch->attributes, launch->in[X].layout->dtype, launch->in[X].data,
                          launch->in[WEIGHT].data, launch->in[BIAS].data, launch->out[0].data,
                          launch->workspace);
}

cd_tensor *cd_convolution(cd_tensor *x, cd_tensor *weight, cd_tensor *bias,
                          const cd_conv2d_sizes *like)
{
    cd_conv2d_sizes conv = *like;
    return cd_op_with(&cd_op_conv2d, &conv, x, weight, bias);
}

cd_tensor *cd_conv2d_with(cd_conv2d_options o)
{
    if (!cd_check_tensor(o.x, "conv2d", "x") || !cd_check_tensor(o.weight, "conv2d", "weight")) {
        return NULL;
    }
    if (o.padding_w != 0 && o.padding_w_is_zero) {
        (void)cd_fail(CD_ERR_ARGUMENT, "conv2d: .padding_w is %lld, and .padding_w_is_zero is true",
                      (long long)o.padding_w);
        return NULL;
    }
    cd_conv2d_sizes conv = { .stride_h = o.stride ? o.stride : 1,
                             .padding_h = o.padding,
                             .dilation_h = o.dilation ? o.dilation : 1,
                             .groups = o.groups ? o.groups : 1 };
    conv.stride_w = o.stride_w ? o.stride_w : conv.stride_h;
    conv.padding_w = o.padding_w || o.padding_w_is_zero ? o.padding_w : conv.padding_h;
    conv.dilation_w = o.dilation_w ? o.dilation_w : conv.dilation_h;
    if (o.x->shape.ndim != 3) return cd_op_with(&cd_op_conv2d, &conv, o.x, o.weight, o.bias);
    cd_scope scope = cd_scope_begin();
    cd_tensor *y = cd_convolution(cd_unsqueeze(o.x, 0), o.weight, o.bias, &conv);
    return cd_ops_end(scope, cd_squeeze(y, 0));
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
    .dtypes = "floating, the same for all",
    .inputs = 3,
    .optional = CD_SET(BIAS),
    .input = { "x", "weight", "bias" },
    .save = { [SAVED_X] = { CD_INPUT, X, CD_SET(WEIGHT) },
              [SAVED_WEIGHT] = { CD_INPUT, WEIGHT, CD_SET(X) } },
    CD_OP_ATTRIBUTES(cd_conv2d_sizes, cd_conv_fields),
    .infer = conv2d_infer,
    .cpu = { .workspace = conv2d_workspace, .run = conv2d_run },
    .backward = conv2d_backward,
};
