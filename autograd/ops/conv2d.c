/* autograd/ops/conv2d.c
 *
 *   y[n,o,i,j] = bias[o] + sum of weight[o,c,p,q] x[n, c, i stride - padding + p dilation, ...]
 *
 * x is N x C x H x W, or one image C x H x W; weight O x C/groups x KH x KW, bias O or NULL. Its
 * two gradients are products of the same kind: with C(x, w) the convolution, I(dy, w) the gradient
 * of its input and W(dy, x) that of its weight,
 *
 *   y = C(x, w)     dx = I(dy, w)      dw = W(dy, x)      dbias = sum of dy over n, i, j
 *   I(dy, w)        ddy = C(g, w)      dw = W(dy, g)      for a gradient g of I
 *   W(dy, x)        ddy = C(x, g)      dx = I(dy, g)      for a gradient g of W
 *
 * so these three ops can be differentiated any number of times. Keeps the geometry in i[0..6];
 * saves x if dw is wanted, weight if dx is. */
#include "autograd/conv_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_geometry g = cd_geometry_of(node);
    bool wants_x = cd_wanted(node, 0);
    if (wants_x) {
        dx[0] =
            cd_conv2d_input_backward(dy[0], cd_saved_value(node, 0), cd_input_shape(node, 0), g);
    }
    if (cd_wanted(node, 1)) {
        cd_tensor *x = cd_saved_value(node, wants_x);
        dx[1] = cd_conv2d_weight_backward(dy[0], x, cd_input_shape(node, 1), g);
    }
    if (cd_wanted(node, 2)) {
        int64_t channels = dy[0]->shape.dim[1];
        dx[2] = cd_view(cd_sum_to_shape(dy[0], CD_SHAPE(1, channels, 1, 1)), CD_SHAPE(channels));
    }
}

static bool check_dtypes(cd_old_call *call)
{
    const cd_tensor *x = call->input[0], *weight = call->input[1], *bias = call->input[2];
    if (!cd_dtype_is_floating(x->dtype)) {
        return cd_op_fail(call, CD_ERR_DTYPE, "is defined for float32 and float64, not for %s",
                          cd_dtype_name(x->dtype));
    }
    if (x->dtype == weight->dtype && (!bias || bias->dtype == x->dtype)) return true;
    return cd_op_fail(call, CD_ERR_DTYPE,
                      "x is %s, the weight %s%s%s: all must have one dtype (cd_to converts)",
                      cd_dtype_name(x->dtype), cd_dtype_name(weight->dtype),
                      bias ? ", the bias " : "", bias ? cd_dtype_name(bias->dtype) : "");
}

static bool check_channels(cd_old_call *call, int64_t groups)
{
    const cd_tensor *x = call->input[0], *weight = call->input[1], *bias = call->input[2];
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    cd_shape_text(x->shape, one);
    cd_shape_text(weight->shape, two);
    if (x->shape.ndim != 4 || weight->shape.ndim != 4) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "x (%s) must be N x C x H x W or C x H x W, and the weight (%s) "
                          "O x C/groups x KH x KW",
                          one, two);
    }
    int64_t expected;
    if (groups < 1 || __builtin_mul_overflow(weight->shape.dim[1], groups, &expected)) {
        return cd_op_fail(call, CD_ERR_ARGUMENT, "groups is %lld, and must be 1 or more",
                          (long long)groups);
    }
    if (x->shape.dim[1] != expected) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "x (%s) has %lld channels, and a weight of shape %s with groups=%lld "
                          "takes %lld",
                          one, (long long)x->shape.dim[1], two, (long long)groups,
                          (long long)expected);
    }
    if (!bias || (bias->shape.ndim == 1 && bias->shape.dim[0] == weight->shape.dim[0])) return true;
    return cd_op_fail(call, CD_ERR_SHAPE,
                      "the bias (%s) must have one element for each of the %lld "
                      "output channels of the weight (%s)",
                      cd_shape_text(bias->shape, one), (long long)weight->shape.dim[0], two);
}

bool cd_op_conv(cd_old_call *call, cd_shape x, cd_shape weight, cd_geometry g, cd_conv2d *conv)
{
    *conv = (cd_conv2d){ .images = x.dim[0],
                         .in_channels = x.dim[1],
                         .height = x.dim[2],
                         .width = x.dim[3],
                         .out_channels = weight.dim[0],
                         .kernel_h = weight.dim[2],
                         .kernel_w = weight.dim[3],
                         .stride_h = g.stride_h,
                         .stride_w = g.stride_w,
                         .padding_h = g.padding_h,
                         .padding_w = g.padding_w,
                         .dilation_h = g.dilation_h,
                         .dilation_w = g.dilation_w,
                         .groups = g.groups };
    const int64_t parameters[7] = { g.stride_h,   g.stride_w,   g.padding_h, g.padding_w,
                                    g.dilation_h, g.dilation_w, g.groups };
    for (int i = 0; i < 7; i++) call->parameters.i[i] = parameters[i];
    const char *wrong = cd_conv2d_complete(conv);
    if (!wrong) return true;
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    return cd_op_fail(call, CD_ERR_SHAPE,
                      "%s: x %s, weight %s, stride %lldx%lld, padding %lldx%lld, dilation "
                      "%lldx%lld, groups %lld",
                      wrong, cd_shape_text(x, one), cd_shape_text(weight, two),
                      (long long)g.stride_h, (long long)g.stride_w, (long long)g.padding_h,
                      (long long)g.padding_w, (long long)g.dilation_h, (long long)g.dilation_w,
                      (long long)g.groups);
}

bool cd_op_conv_workspace(cd_old_call *call, const cd_conv2d *conv, cd_conv2d_pass pass,
                          cd_dtype dtype, void **out)
{
    size_t bytes = cd_conv2d_workspace(conv, pass, dtype);
    *out = NULL;
    if (bytes > 0 && !call->failed) *out = cd_op_workspace(call, bytes);
    return !call->failed;
}

static void convolve(cd_old_call *call, const cd_conv2d *conv)
{
    cd_tensor *x = cd_op_contiguous(call, call->input[0]);
    cd_tensor *weight = cd_op_contiguous(call, call->input[1]);
    cd_tensor *bias = cd_op_contiguous(call, call->input[2]);
    void *workspace;
    cd_shape shape = CD_SHAPE(conv->images, conv->out_channels, conv->out_h, conv->out_w);
    cd_tensor *y = call->failed ? NULL : cd_op_output(call, x->dtype, shape);
    if (y && cd_op_conv_workspace(call, conv, CD_CONV2D_FORWARD, x->dtype, &workspace)) {
        cd_conv2d_forward(conv, x->dtype, cd_tensor_data(x), cd_tensor_data(weight),
                          bias ? cd_tensor_data(bias) : NULL, cd_tensor_data(y), workspace);
    }
}

cd_tensor *cd_convolution(cd_tensor *x, cd_tensor *weight, cd_tensor *bias, cd_geometry g)
{
    cd_old_call call;
    cd_conv2d conv;
    cd_tensor *const inputs[3] = { x, weight, bias };
    if (!cd_op_begin_optional(&call, &cd_op_conv2d, 2, 3, inputs)) return NULL;
    if (!check_channels(&call, g.groups) || !check_dtypes(&call) ||
        !cd_op_conv(&call, x->shape, weight->shape, g, &conv)) {
        return cd_op_end(&call);
    }
    convolve(&call, &conv);
    if (cd_tracks(x)) cd_op_save(&call, weight);
    if (cd_tracks(weight)) cd_op_save(&call, x);
    return cd_op_end(&call);
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
    cd_geometry g = { .stride_h = o.stride ? o.stride : 1,
                      .padding_h = o.padding,
                      .dilation_h = o.dilation ? o.dilation : 1,
                      .groups = o.groups ? o.groups : 1 };
    g.stride_w = o.stride_w ? o.stride_w : g.stride_h;
    g.padding_w = o.padding_w || o.padding_w_is_zero ? o.padding_w : g.padding_h;
    g.dilation_w = o.dilation_w ? o.dilation_w : g.dilation_h;
    if (o.x->shape.ndim != 3) return cd_convolution(o.x, o.weight, o.bias, g);
    cd_scope scope = cd_scope_begin();
    cd_tensor *y = cd_convolution(cd_unsqueeze(o.x, 0), o.weight, o.bias, g);
    return cd_ops_end(scope, cd_squeeze(y, 0));
}

const cd_op cd_op_conv2d = {
    .name = "conv2d",
    .grad_fn = "ConvolutionBackward0",
    .like = "torch.nn.functional.conv2d(x, weight, bias, stride, padding, dilation, groups)",
    .formula = "y[n,o] = bias[o] + sum over c of weight[o,c] correlated with x[n,c]",
    .gradient = "dx and dw are convolutions with weight and x, dbias = dy summed",
    .dtypes = "floating, one",
    .backward = backward,
};
