/* What the convolutions share. */
#include "autograd/families/conv_internal.h"

const cd_field cd_conv_fields[] = {
    { "stride", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, stride_h) },
    { "padding", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, padding_h) },
    { "dilation", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, dilation_h) },
    CD_FIELD(cd_conv2d_sizes, groups, INTEGER),
    CD_FIELDS_END
};

void cd_conv_set_input(cd_conv2d_sizes *conv, const cd_shape *x)
{
    conv->images = x->dim[0];
    conv->in_channels = x->dim[1];
    conv->height = x->dim[2];
    conv->width = x->dim[3];
}

void cd_conv_set_weight(cd_conv2d_sizes *conv, const cd_shape *weight)
{
    conv->out_channels = weight->dim[0];
    conv->kernel_h = weight->dim[2];
    conv->kernel_w = weight->dim[3];
}

cd_shape cd_conv_input_shape(const cd_conv2d_sizes *conv)
{
    return CD_SHAPE(conv->images, conv->in_channels, conv->height, conv->width);
}

cd_shape cd_conv_weight_shape(const cd_conv2d_sizes *conv)
{
    return CD_SHAPE(conv->out_channels, conv->in_channels / conv->groups, conv->kernel_h,
                    conv->kernel_w);
}

cd_shape cd_conv_output_shape(const cd_conv2d_sizes *conv)
{
    return CD_SHAPE(conv->images, conv->out_channels, conv->out_h, conv->out_w);
}

bool cd_infer_conv(cd_call *call, cd_shape x, cd_shape weight)
{
    cd_conv2d_sizes *conv = call->launch.attributes;
    cd_conv_set_input(conv, &x);
    cd_conv_set_weight(conv, &weight);
    const char *wrong = cd_conv2d_sizes_complete(conv);
    if (!wrong) return true;
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    return cd_refuse(
        call, CD_ERR_SHAPE,
        "%s: x %s, weight %s, stride %lldx%lld, padding %lldx%lld, dilation "
        "%lldx%lld, groups %lld",
        wrong, cd_sizes_text(&x, one), cd_sizes_text(&weight, two), (long long)conv->stride_h,
        (long long)conv->stride_w, (long long)conv->padding_h, (long long)conv->padding_w,
        (long long)conv->dilation_h, (long long)conv->dilation_w, (long long)conv->groups);
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
