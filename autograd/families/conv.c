/* What the convolutions share: their sizes, and all of the forward and transposed ones but their
 * descriptors. */
#include "autograd/families/conv_internal.h"

#include "autograd/ops_internal.h"
#include "core/cpu/conv_internal.h"

const cd_field cd_conv_fields[] = {
    { "stride", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, stride_h) },
    { "padding", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, padding_h) },
    { "dilation", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, dilation_h) },
    CD_FIELD(cd_conv2d_sizes, groups, INTEGER),
    CD_FIELDS_END
};

const cd_field cd_conv_transpose_fields[] = {
    { "stride", CD_FIELD_PAIR, offsetof(cd_conv_transpose_attributes, conv.stride_h) },
    { "padding", CD_FIELD_PAIR, offsetof(cd_conv_transpose_attributes, conv.padding_h) },
    CD_FIELD(cd_conv_transpose_attributes, output_padding, PAIR),
    { "groups", CD_FIELD_INTEGER, offsetof(cd_conv_transpose_attributes, conv.groups) },
    { "dilation", CD_FIELD_PAIR, offsetof(cd_conv_transpose_attributes, conv.dilation_h) },
    CD_FIELDS_END
};

/* --- sizes ------------------------------------------------------------------------------------ */

void cd_conv_set_input(cd_conv2d_sizes *conv, const cd_shape *x)
{
    conv->images = x->dim[0];
    conv->in_channels = x->dim[1];
    conv->height = conv->line ? 1 : x->dim[2];
    conv->width = x->dim[conv->line ? 2 : 3];
}

void cd_conv_set_weight(cd_conv2d_sizes *conv, const cd_shape *weight)
{
    conv->out_channels = weight->dim[0];
    conv->kernel_h = conv->line ? 1 : weight->dim[2];
    conv->kernel_w = weight->dim[conv->line ? 2 : 3];
}

/* a x b x h x w, or without h. */
static cd_shape shape_of(const cd_conv2d_sizes *conv, int64_t a, int64_t b, int64_t h, int64_t w)
{
    return conv->line ? CD_SHAPE(a, b, w) : CD_SHAPE(a, b, h, w);
}

cd_shape cd_conv_input_shape(const cd_conv2d_sizes *conv)
{
    return shape_of(conv, conv->images, conv->in_channels, conv->height, conv->width);
}

cd_shape cd_conv_weight_shape(const cd_conv2d_sizes *conv)
{
    return shape_of(conv, conv->out_channels, conv->in_channels / conv->groups, conv->kernel_h,
                    conv->kernel_w);
}

cd_shape cd_conv_output_shape(const cd_conv2d_sizes *conv)
{
    return shape_of(conv, conv->images, conv->out_channels, conv->out_h, conv->out_w);
}

static bool refuse_sizes(cd_call *call, const char *wrong, const cd_shape *x,
                         const cd_shape *weight)
{
    const cd_conv2d_sizes *conv = call->launch.attributes;
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    return cd_refuse(
        call, CD_ERR_SHAPE,
        "%s: x %s, weight %s, stride %lldx%lld, padding %lldx%lld, dilation "
        "%lldx%lld, groups %lld",
        wrong, cd_sizes_text(x, one), cd_sizes_text(weight, two), (long long)conv->stride_h,
        (long long)conv->stride_w, (long long)conv->padding_h, (long long)conv->padding_w,
        (long long)conv->dilation_h, (long long)conv->dilation_w, (long long)conv->groups);
}

bool cd_infer_conv(cd_call *call, cd_shape x, cd_shape weight)
{
    cd_conv2d_sizes *conv = call->launch.attributes;
    cd_conv_set_input(conv, &x);
    cd_conv_set_weight(conv, &weight);
    const char *wrong = cd_conv2d_sizes_complete(conv);
    return !wrong || refuse_sizes(call, wrong, &x, &weight);
}

bool cd_infer_conv_gradient(cd_call *call, cd_shape out)
{
    const cd_tensor *dy = call->in[0].tensor, *other = call->in[1].tensor;
    if (!cd_check_gradient_shape(call, dy, cd_conv_output_shape(call->launch.attributes))) {
        return false;
    }
    if (dy->dtype != other->dtype || !cd_dtype_is_floating(dy->dtype)) {
        return cd_refuse(call, CD_ERR_DTYPE,
                         "dy is %s and the other operand %s: both must be of one floating dtype",
                         cd_dtype_name(dy->dtype), cd_dtype_name(other->dtype));
    }
    call->need[0].order = call->need[1].order = CD_ROW_MAJOR;
    call->out[0].dtype = dy->dtype;
    call->out[0].shape = out;
    return true;
}

/* --- operands --------------------------------------------------------------------------------- */

/* The operands have one dtype. As in PyTorch, `rare` forms, which are transposed or dilated, have
 * no int32 and no uint8. */
static bool check_dtypes(const cd_call *call, const cd_tensor *x, const cd_tensor *weight,
                         const cd_tensor *bias, bool rare)
{
    if (x->dtype == CD_BOOL || (rare && (x->dtype == CD_I32 || x->dtype == CD_U8))) {
        return cd_refuse(call, CD_ERR_DTYPE, "is defined for %s, not for %s",
                         rare ? "floating dtypes and int64 where it is transposed or dilated"
                              : "floating and integer dtypes",
                         cd_dtype_name(x->dtype));
    }
    if (x->dtype == weight->dtype && (!bias || bias->dtype == x->dtype)) return true;
    return cd_refuse(call, CD_ERR_DTYPE,
                     "x is %s, the weight %s%s%s: all must have one dtype (cd_to converts)",
                     cd_dtype_name(x->dtype), cd_dtype_name(weight->dtype),
                     bias ? ", the bias " : "", bias ? cd_dtype_name(bias->dtype) : "");
}

/* x and the weight have the right number of dimensions, and x is empty in its batch or channels
 * only. */
static bool check_ranks(const cd_call *call, const cd_tensor *x, const cd_tensor *weight,
                        const char *weights)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    const cd_conv2d_sizes *conv = call->launch.attributes;
    const int ndim = conv->line ? 3 : 4;
    if (x->shape.ndim != ndim || weight->shape.ndim != ndim) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must be %s, and the weight (%s) %s x %s%s",
                         cd_sizes_text(&x->shape, one),
                         conv->line ? "N x C x L or C x L" : "N x C x H x W or C x H x W",
                         cd_sizes_text(&weight->shape, two), weights, conv->line ? "K" : "KH x KW",
                         x->shape.ndim == 5 ? "; there is no conv3d yet" : "");
    }
    return (x->shape.dim[ndim - 1] > 0 && x->shape.dim[2] > 0) ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "x (%s) is empty: only the batch and the channels may have the size 0",
                     cd_sizes_text(&x->shape, one));
}

/* x has as many channels as the weight takes in so many groups: the size of the weight's dimension
 * `dim`, `times` times. */
static bool check_channels(const cd_call *call, const cd_tensor *x, const cd_tensor *weight,
                           int dim, int64_t times)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    const int64_t groups = ((const cd_conv2d_sizes *)call->launch.attributes)->groups;
    int64_t expected, outputs;
    if (groups < 1) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "groups is %lld, and must be 1 or more",
                         (long long)groups);
    }
    if (__builtin_mul_overflow(weight->shape.dim[dim], times, &expected) ||
        __builtin_mul_overflow(weight->shape.dim[1], groups, &outputs)) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "groups is %lld, and a weight of shape %s then has more channels than can "
                         "be counted",
                         (long long)groups, cd_sizes_text(&weight->shape, two));
    }
    return x->shape.dim[1] == expected ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "x (%s) has %lld channels, and a weight of shape %s with groups=%lld takes "
                     "%lld",
                     cd_sizes_text(&x->shape, one), (long long)x->shape.dim[1],
                     cd_sizes_text(&weight->shape, two), (long long)groups, (long long)expected);
}

static bool check_bias(const cd_call *call, const cd_tensor *weight, const cd_tensor *bias,
                       int64_t outputs)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    if (!bias || (bias->shape.ndim == 1 && bias->shape.dim[0] == outputs)) return true;
    return cd_refuse(call, CD_ERR_SHAPE,
                     "the bias (%s) must have one element for each of the %lld output channels of "
                     "the weight (%s)",
                     cd_sizes_text(&bias->shape, one), (long long)outputs,
                     cd_sizes_text(&weight->shape, two));
}

/* The sum of dy over all but its channels. */
static cd_tensor *bias_gradient(cd_tensor *dy, bool line)
{
    const int64_t channels = dy->shape.dim[1];
    const cd_shape kept = line ? CD_SHAPE(1, channels, 1) : CD_SHAPE(1, channels, 1, 1);
    return cd_view(cd_sum_to_shape(dy, kept), CD_SHAPE(channels));
}

static void give(cd_call *call, cd_shape y)
{
    for (int k = CD_CONV_X; k <= CD_CONV_BIAS; k++) call->need[k].order = CD_ROW_MAJOR;
    call->out[0].dtype = call->in[CD_CONV_X].tensor->dtype;
    call->out[0].shape = y;
}

/* --- convolutions ----------------------------------------------------------------------------- */

bool cd_infer_conv_forward(cd_call *call)
{
    const cd_conv2d_sizes *conv = call->launch.attributes;
    const cd_tensor *x = call->in[CD_CONV_X].tensor, *weight = call->in[CD_CONV_WEIGHT].tensor;
    const cd_tensor *bias = call->in[CD_CONV_BIAS].tensor;
    if (!check_ranks(call, x, weight, "O x C/groups") ||
        !check_channels(call, x, weight, 1, conv->groups) ||
        !check_bias(call, weight, bias, weight->shape.dim[0]) ||
        !check_dtypes(call, x, weight, bias, conv->dilation_h != 1 || conv->dilation_w != 1) ||
        !cd_infer_conv(call, x->shape, weight->shape)) {
        return false;
    }
    give(call, cd_conv_output_shape(conv));
    return true;
}

size_t cd_conv_workspace(const cd_launch *launch)
{
    return cd_cpu_conv2d_workspace(launch->attributes, CD_CONV2D_FORWARD,
                                   launch->in[CD_CONV_X].layout->dtype);
}

void cd_conv_run(const cd_launch *launch)
{
    cd_cpu_conv2d_forward(launch->attributes, launch->in[CD_CONV_X].layout->dtype,
                          launch->in[CD_CONV_X].data, launch->in[CD_CONV_WEIGHT].data,
                          launch->in[CD_CONV_BIAS].data, launch->out[0].data, launch->workspace);
}

void cd_conv_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_conv2d_sizes *conv = cd_attributes_of(node);
    if (cd_wanted(node, CD_CONV_X)) {
        cd_tensor *weight = cd_saved_value(node, CD_CONV_SAVED_WEIGHT);
        dx[CD_CONV_X] = cd_conv2d_input_backward(dy[0], weight, node->input[CD_CONV_X].shape, conv);
    }
    if (cd_wanted(node, CD_CONV_WEIGHT)) {
        cd_tensor *x = cd_saved_value(node, CD_CONV_SAVED_X);
        dx[CD_CONV_WEIGHT] =
            cd_conv2d_weight_backward(dy[0], x, node->input[CD_CONV_WEIGHT].shape, conv);
    }
    if (cd_wanted(node, CD_CONV_BIAS)) dx[CD_CONV_BIAS] = bias_gradient(dy[0], conv->line);
}

/* --- transposed convolutions ------------------------------------------------------------------ */

bool cd_infer_conv_transpose(cd_call *call)
{
    cd_conv_transpose_attributes *a = call->launch.attributes;
    cd_conv2d_sizes *conv = &a->conv;
    const cd_tensor *x = call->in[CD_CONV_X].tensor, *weight = call->in[CD_CONV_WEIGHT].tensor;
    const cd_tensor *bias = call->in[CD_CONV_BIAS].tensor;
    if (!check_ranks(call, x, weight, "C x O/groups") || !check_channels(call, x, weight, 0, 1) ||
        !check_bias(call, weight, bias, weight->shape.dim[1] * conv->groups) ||
        !check_dtypes(call, x, weight, bias, true)) {
        return false;
    }
    if (x->shape.dim[1] % conv->groups != 0) {
        return cd_refuse(call, CD_ERR_SHAPE, "groups=%lld does not divide the %lld channels of x",
                         (long long)conv->groups, (long long)x->shape.dim[1]);
    }
    conv->images = x->shape.dim[0];
    conv->in_channels = weight->shape.dim[1] * conv->groups;
    cd_conv_set_weight(conv, &weight->shape);
    const char *wrong = cd_conv2d_sizes_complete_transposed(
        conv, conv->line ? 1 : x->shape.dim[2], x->shape.dim[conv->line ? 2 : 3],
        a->output_padding[0], a->output_padding[1]);
    if (wrong) return refuse_sizes(call, wrong, &x->shape, &weight->shape);
    give(call, cd_conv_input_shape(conv));
    return true;
}

size_t cd_conv_transpose_workspace(const cd_launch *launch)
{
    const cd_conv_transpose_attributes *a = launch->attributes;
    return cd_cpu_conv2d_workspace(&a->conv, CD_CONV2D_GRAD_INPUT,
                                   launch->in[CD_CONV_X].layout->dtype);
}

void cd_conv_transpose_run(const cd_launch *launch)
{
    const cd_conv_transpose_attributes *a = launch->attributes;
    cd_cpu_conv2d_transposed(&a->conv, launch->in[CD_CONV_X].layout->dtype,
                             launch->in[CD_CONV_X].data, launch->in[CD_CONV_WEIGHT].data,
                             launch->in[CD_CONV_BIAS].data, launch->out[0].data, launch->workspace);
}

/* x with so many whole strides more at the end of its rows and columns as output_padding has, or
 * with so many less for a sign of -1: a convolution of y has them. */
static cd_tensor *with_whole_strides(cd_tensor *x, const cd_conv_transpose_attributes *a,
                                     int64_t sign)
{
    const cd_conv2d_sizes *conv = &a->conv;
    const int64_t rows = conv->line ? 0 : a->output_padding[0] / conv->stride_h;
    const int64_t columns = a->output_padding[1] / conv->stride_w;
    if ((rows == 0 && columns == 0) || !x) return x;
    const int64_t pad[] = { 0, sign * columns, 0, sign * rows };
    return cd_pad(x, ((cd_sizes){ pad, conv->line ? 2 : 4 }));
}

void cd_conv_transpose_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_conv_transpose_attributes *a = cd_attributes_of(node);
    if (cd_wanted(node, CD_CONV_X)) {
        cd_tensor *weight = cd_saved_value(node, CD_CONV_SAVED_WEIGHT);
        dx[CD_CONV_X] = with_whole_strides(cd_convolution(dy[0], weight, NULL, &a->conv), a, -1);
    }
    if (cd_wanted(node, CD_CONV_WEIGHT)) {
        cd_tensor *x = with_whole_strides(cd_saved_value(node, CD_CONV_SAVED_X), a, 1);
        dx[CD_CONV_WEIGHT] =
            cd_conv2d_weight_backward(x, dy[0], node->input[CD_CONV_WEIGHT].shape, &a->conv);
    }
    if (cd_wanted(node, CD_CONV_BIAS)) dx[CD_CONV_BIAS] = bias_gradient(dy[0], a->conv.line);
}
