/* What unfold and fold share. */
#include "autograd/families/windows_internal.h"

#include "autograd/families/conv_internal.h"

const cd_field cd_window_fields[] = {
    { "kernel", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, kernel_h) },
    { "dilation", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, dilation_h) },
    { "padding", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, padding_h) },
    { "stride", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, stride_h) },
    CD_FIELDS_END
};

bool cd_window_complete(const char *name, const cd_window_given *o, cd_conv2d_sizes *conv)
{
    conv->kernel_h = o->kernel;
    conv->kernel_w = o->kernel_w ? o->kernel_w : o->kernel;
    conv->stride_h = o->stride ? o->stride : 1;
    conv->stride_w = o->stride_w ? o->stride_w : conv->stride_h;
    conv->padding_h = o->padding;
    conv->dilation_h = o->dilation ? o->dilation : 1;
    conv->dilation_w = o->dilation_w ? o->dilation_w : conv->dilation_h;
    conv->groups = 1;
    return cd_conv_width(name, "padding", o->padding, o->padding_w, o->padding_w_is_zero,
                         &conv->padding_w) &&
           cd_check_padding_number(name, (int64_t[]){ conv->padding_h, conv->padding_w });
}

bool cd_check_windows(const cd_call *call, const cd_tensor *x, int ndim, const char *form)
{
    char text[CD_SHAPE_TEXT];
    bool fits = x->shape.ndim == ndim || x->shape.ndim == ndim - 1;
    for (int i = x->shape.ndim == ndim; fits && i < x->shape.ndim; i++) fits = x->shape.dim[i] > 0;
    if (!fits) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must be %s, and only N may be 0",
                         cd_sizes_text(&x->shape, text), form);
    }
    return x->dtype == CD_BOOL || cd_dtype_is_floating(x->dtype) ||
           cd_refuse(call, CD_ERR_DTYPE, "is defined for floating dtypes and bool, not for %s",
                     cd_dtype_name(x->dtype));
}

bool cd_infer_windows(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    cd_conv2d_sizes *conv = call->launch.attributes;
    const char *wrong = cd_conv2d_sizes_complete(conv);
    if (!wrong) return true;
    return cd_refuse(
        call, CD_ERR_SHAPE,
        "%s: x %s, planes of %lldx%lld, kernel %lldx%lld, stride %lldx%lld, padding "
        "%lldx%lld, dilation %lldx%lld",
        wrong, cd_sizes_text(&call->in[0].tensor->shape, text), (long long)conv->height,
        (long long)conv->width, (long long)conv->kernel_h, (long long)conv->kernel_w,
        (long long)conv->stride_h, (long long)conv->stride_w, (long long)conv->padding_h,
        (long long)conv->padding_w, (long long)conv->dilation_h, (long long)conv->dilation_w);
}
