/* torch.nn.Conv1d: a convolution over rows, optionally in groups. */
#include "nn/conv_module_internal.h"

static const cd_conv_form form = {
    .function = "nn_conv1d", .op = "conv1d", .line = true, .transposed = false
};

static bool conv1d_forward(cd_module *m, const cd_arguments *a)
{
    return cd_conv_module_forward(m, a, &form);
}

static const cd_option options[] = {
    CD_CONV_CHANNELS,
    { "kernel_size", CD_CONV_LENGTH(kernel), .required = true, .min = 1 },
    { "stride", CD_CONV_LENGTH(stride), .default_value = 1, .min = 1 },
    { "padding", CD_CONV_LENGTH(padding), .choices = cd_conv_paddings, .shown = CD_SHOWN_CHANGED },
    { "dilation", CD_CONV_LENGTH(dilation), .default_value = 1, .min = 1,
      .shown = CD_SHOWN_CHANGED },
    CD_CONV_GROUPS,
    { "padding_mode", CD_CONV_FIELD(padding_mode, CHOICE), .choices = cd_conv_padding_modes,
      .plain = true, .shown = CD_SHOWN_CHANGED },
    CD_CONV_DTYPE,
    CD_OPTIONS_END,
};

static cd_module *conv1d_make(const void *o)
{
    return cd_conv_module_new(&cd_nn_conv1d_class, &form, *(const cd_conv_module_options *)o);
}

const cd_module_class cd_nn_conv1d_class = { .name = "Conv1d",
                                             .size = sizeof(cd_conv_module),
                                             .inputs = 1,
                                             .forward = conv1d_forward,
                                             CD_CLASS_OPTIONS(cd_conv_module, options, options),
                                             .make = conv1d_make };

cd_module *cd_nn_conv1d_with(cd_nn_conv1d_options o)
{
    return cd_conv_module_new(&cd_nn_conv1d_class, &form,
                              (cd_conv_module_options){ .in_channels = o.in_channels,
                                                        .out_channels = o.out_channels,
                                                        .kernel[1] = o.kernel,
                                                        .stride[1] = o.stride,
                                                        .padding[1] = o.padding,
                                                        .dilation[1] = o.dilation,
                                                        .groups = o.groups,
                                                        .no_bias = o.no_bias,
                                                        .padding_mode = (int)o.padding_mode,
                                                        .dtype = o.dtype,
                                                        .device = o.device });
}
