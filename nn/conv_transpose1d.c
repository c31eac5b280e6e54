/* torch.nn.ConvTranspose1d: a transposed convolution over rows. */
#include "nn/conv_module_internal.h"

static const cd_conv_form form = {
    .function = "nn_conv_transpose1d", .op = "conv_transpose1d", .line = true, .transposed = true
};

static bool conv_transpose1d_forward(cd_module *m, const cd_arguments *a)
{
    return cd_conv_module_forward(m, a, &form);
}

static const cd_option options[] = {
    CD_CONV_CHANNELS,
    { "kernel_size", CD_CONV_LENGTH(kernel), .required = true, .min = 1 },
    { "stride", CD_CONV_LENGTH(stride), .default_value = 1, .min = 1 },
    { "padding", CD_CONV_LENGTH(padding), .shown = CD_SHOWN_CHANGED },
    { "dilation", CD_CONV_LENGTH(dilation), .default_value = 1, .min = 1,
      .shown = CD_SHOWN_CHANGED },
    { "output_padding", CD_CONV_LENGTH(output_padding), .shown = CD_SHOWN_CHANGED },
    CD_CONV_GROUPS,
    CD_CONV_DTYPE,
    CD_OPTIONS_END,
};

static cd_module *conv_transpose1d_make(const void *o)
{
    return cd_conv_module_new(&cd_nn_conv_transpose1d_class, &form,
                              *(const cd_conv_module_options *)o);
}

const cd_module_class cd_nn_conv_transpose1d_class = { .name = "ConvTranspose1d",
                                                       .size = sizeof(cd_conv_module),
                                                       .inputs = 1,
                                                       .forward = conv_transpose1d_forward,
                                                       CD_CLASS_OPTIONS(cd_conv_module, options,
                                                                        options),
                                                       .make = conv_transpose1d_make };

cd_module *cd_nn_conv_transpose1d_with(cd_nn_conv_transpose1d_options o)
{
    return cd_conv_module_new(&cd_nn_conv_transpose1d_class, &form,
                              (cd_conv_module_options){ .in_channels = o.in_channels,
                                                        .out_channels = o.out_channels,
                                                        .kernel[1] = o.kernel,
                                                        .stride[1] = o.stride,
                                                        .padding[1] = o.padding,
                                                        .dilation[1] = o.dilation,
                                                        .output_padding[1] = o.output_padding,
                                                        .groups = o.groups,
                                                        .no_bias = o.no_bias,
                                                        .dtype = o.dtype,
                                                        .device = o.device });
}
