/* torch.nn.AvgPool2d. */
#include <math.h>

#include "core/error.h"
#include "nn/pool2d_internal.h"

static cd_avg_pool2d_options options_of(const cd_pool2d_module_options *o)
{
    return (cd_avg_pool2d_options){ .kernel = o->kernel[0],
                                    .kernel_w = o->kernel[1],
                                    .stride = o->stride[0],
                                    .stride_w = o->stride[1],
                                    .padding = o->padding[0],
                                    .padding_w = o->padding[1],
                                    .padding_w_is_zero = o->padding[1] == 0,
                                    .exclude_padding = o->exclude_padding,
                                    .divisor_override = o->divisor_override,
                                    .ceil_mode = o->ceil_mode };
}

static bool avg_pool2d_forward(cd_module *m, const cd_arguments *a)
{
    cd_avg_pool2d_options o = options_of(&((const cd_pool2d_module *)m)->options);
    o.x = a->in[0];
    a->out[0] = cd_avg_pool2d_with(o);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(cd_pool2d_module_options, member_, kind_)
static const cd_option options[] = {
    { "kernel_size", FIELD(kernel, EXTENT), .required = true, .min = 1 },
    { "stride", FIELD(stride, EXTENT) }, /* 0 means the kernel's size */
    { "padding", FIELD(padding, EXTENT) },
    { "ceil_mode", FIELD(ceil_mode, BOOL), .shown = CD_SHOWN_NEVER },
    { "count_include_pad", FIELD(exclude_padding, NEGATED), .shown = CD_SHOWN_NEVER },
    { "divisor_override", FIELD(divisor_override, INTEGER), .min = -INFINITY,
      .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *avg_pool2d_make(const void *o)
{
    return cd_nn_avg_pool2d_with(options_of(o));
}

const cd_module_class cd_nn_avg_pool2d_class = { .name = "AvgPool2d",
                                                 .size = sizeof(cd_pool2d_module),
                                                 .inputs = 1,
                                                 .forward = avg_pool2d_forward,
                                                 CD_CLASS_OPTIONS(cd_pool2d_module, options,
                                                                  options),
                                                 .make = avg_pool2d_make };

cd_module *cd_nn_avg_pool2d_with(cd_avg_pool2d_options o)
{
    const cd_pool_window_options window = { .kernel = o.kernel,
                                            .stride = o.stride,
                                            .padding = o.padding,
                                            .kernel_w = o.kernel_w,
                                            .stride_w = o.stride_w,
                                            .padding_w = o.padding_w,
                                            .padding_w_is_zero = o.padding_w_is_zero,
                                            .ceil_mode = o.ceil_mode };
    const cd_pool2d_module_options own = { .divisor_override = o.divisor_override,
                                           .exclude_padding = o.exclude_padding };
    if (o.x) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_avg_pool2d: .x is for the function cd_avg_pool2d: a module gets its "
                      "input from cd_forward");
        return NULL;
    }
    return cd_pool2d_module_new(&cd_nn_avg_pool2d_class, "nn_avg_pool2d", &window, own);
}
