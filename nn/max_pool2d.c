/* torch.nn.MaxPool2d. */
#include "core/error.h"
#include "nn/pool2d_internal.h"

static cd_max_pool2d_options options_of(const cd_pool2d_module_options *o)
{
    return (cd_max_pool2d_options){ .kernel = o->kernel[0],
                                    .kernel_w = o->kernel[1],
                                    .stride = o->stride[0],
                                    .stride_w = o->stride[1],
                                    .padding = o->padding[0],
                                    .padding_w = o->padding[1],
                                    .padding_w_is_zero = o->padding[1] == 0,
                                    .dilation = o->dilation[0],
                                    .dilation_w = o->dilation[1],
                                    .ceil_mode = o->ceil_mode };
}

static int max_pool2d_outputs(const cd_module *m)
{
    return ((const cd_pool2d_module *)m)->options.return_indices ? 2 : 1;
}

static bool max_pool2d_forward(cd_module *m, const cd_arguments *a)
{
    const cd_pool2d_module_options *own = &((const cd_pool2d_module *)m)->options;
    cd_max_pool2d_options o = options_of(own);
    o.x = a->in[0];
    o.indices = own->return_indices ? &a->out[1] : NULL;
    a->out[0] = cd_max_pool2d_with(o);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(cd_pool2d_module_options, member_, kind_)
static const cd_option options[] = {
    { "kernel_size", FIELD(kernel, EXTENT), .required = true, .min = 1 },
    { "stride", FIELD(stride, EXTENT) }, /* 0 means the kernel's size */
    { "padding", FIELD(padding, EXTENT) },
    { "dilation", FIELD(dilation, EXTENT), .default_value = 1, .min = 1 },
    { "return_indices", FIELD(return_indices, BOOL), .shown = CD_SHOWN_NEVER },
    { "ceil_mode", FIELD(ceil_mode, BOOL) },
    CD_OPTIONS_END,
};

static cd_module *max_pool2d_make(const void *o)
{
    cd_max_pool2d_options all = options_of(o);
    all.return_indices = ((const cd_pool2d_module_options *)o)->return_indices;
    return cd_nn_max_pool2d_with(all);
}

const cd_module_class cd_nn_max_pool2d_class = { .name = "MaxPool2d",
                                                 .size = sizeof(cd_pool2d_module),
                                                 .inputs = 1,
                                                 .count_outputs = max_pool2d_outputs,
                                                 .forward = max_pool2d_forward,
                                                 CD_CLASS_OPTIONS(cd_pool2d_module, options,
                                                                  options),
                                                 .make = max_pool2d_make };

cd_module *cd_nn_max_pool2d_with(cd_max_pool2d_options o)
{
    const cd_pool_window_options window = { .kernel = o.kernel,
                                            .stride = o.stride,
                                            .padding = o.padding,
                                            .dilation = o.dilation,
                                            .kernel_w = o.kernel_w,
                                            .stride_w = o.stride_w,
                                            .padding_w = o.padding_w,
                                            .dilation_w = o.dilation_w,
                                            .padding_w_is_zero = o.padding_w_is_zero,
                                            .ceil_mode = o.ceil_mode };
    if (o.x || o.indices) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_max_pool2d: .%s is for the function cd_max_pool2d: a module gets its "
                      "input from cd_forward, and gives indices with .return_indices",
                      o.x ? "x" : "indices");
        return NULL;
    }
    return cd_pool2d_module_new(
        &cd_nn_max_pool2d_class, "nn_max_pool2d", &window,
        (cd_pool2d_module_options){ .ceil_mode = o.ceil_mode, .return_indices = o.return_indices });
}
