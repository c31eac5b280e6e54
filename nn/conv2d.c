/* torch.nn.Conv2d: a convolution over images, optionally in groups. */
#include "nn/conv_module_internal.h"

static const cd_conv_form form = {
    .function = "nn_conv2d", .op = "conv2d", .line = false, .transposed = false
};

static bool conv2d_forward(cd_module *m, const cd_arguments *a)
{
    return cd_conv_module_forward(m, a, &form);
}

static const cd_option options[] = {
    CD_CONV_CHANNELS,
    { "kernel_size", CD_CONV_WINDOW(kernel), .required = true, .min = 1 },
    { "stride", CD_CONV_WINDOW(stride), .default_value = 1, .min = 1 },
    { "padding", CD_CONV_WINDOW(padding), .choices = cd_conv_paddings, .shown = CD_SHOWN_CHANGED },
    { "dilation", CD_CONV_WINDOW(dilation), .default_value = 1, .min = 1,
      .shown = CD_SHOWN_CHANGED },
    CD_CONV_GROUPS,
    { "padding_mode", CD_CONV_FIELD(padding_mode, CHOICE), .choices = cd_conv_padding_modes,
      .plain = true, .shown = CD_SHOWN_CHANGED },
    CD_CONV_DTYPE,
    CD_OPTIONS_END,
};

static cd_module *conv2d_make(const void *o)
{
    return cd_conv_module_new(&cd_nn_conv2d_class, &form, *(const cd_conv_module_options *)o);
}

const cd_module_class cd_nn_conv2d_class = { .name = "Conv2d",
                                             .size = sizeof(cd_conv_module),
                                             .inputs = 1,
                                             .forward = conv2d_forward,
                                             CD_CLASS_OPTIONS(cd_conv_module, options, options),
                                             .make = conv2d_make };

cd_module *cd_nn_conv2d_with(cd_nn_conv2d_options o)
{
    int64_t padding_w;
    if (!cd_conv_width(form.function, "padding", o.padding, o.padding_w, o.padding_w_is_zero,
                       &padding_w)) {
        return NULL;
    }
    return cd_conv_module_new(
        &cd_nn_conv2d_class, &form,
        (cd_conv_module_options){
            .in_channels = o.in_channels,
            .out_channels = o.out_channels,
            .kernel = { o.kernel, o.kernel_w ? o.kernel_w : o.kernel },
            .stride = { o.stride ? o.stride : 1, o.stride_w ? o.stride_w
                                                 : o.stride ? o.stride
                                                            : 1 },
            .padding = { o.padding, padding_w },
            .dilation = { o.dilation ? o.dilation : 1, o.dilation_w ? o.dilation_w
                                                       : o.dilation ? o.dilation
                                                                    : 1 },
            .groups = o.groups,
            .no_bias = o.no_bias,
            .padding_mode = (int)o.padding_mode,
            .dtype = o.dtype,
            .device = o.device });
}
