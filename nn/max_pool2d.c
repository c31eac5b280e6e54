/* torch.nn.MaxPool2d. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed: height and width. */
typedef struct own_options {
    int64_t kernel[2], stride[2], padding[2], dilation[2];
    bool ceil_mode;
} own_options;

typedef struct max_pool2d {
    cd_module module;
    own_options options;
} max_pool2d;

static cd_max_pool2d_options options_of(const own_options *o)
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

static bool max_pool2d_forward(cd_module *m, const cd_arguments *a)
{
    cd_max_pool2d_options o = options_of(&((const max_pool2d *)m)->options);
    o.x = a->in[0];
    a->out[0] = cd_max_pool2d_with(o);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(own_options, member_, kind_)
static const cd_option options[] = {
    { "kernel_size", FIELD(kernel, EXTENT), .required = true, .min = 1 },
    { "stride", FIELD(stride, EXTENT) }, /* 0 means the kernel's size */
    { "padding", FIELD(padding, EXTENT) },
    { "dilation", FIELD(dilation, EXTENT), .default_value = 1, .min = 1 },
    { "ceil_mode", FIELD(ceil_mode, BOOL) },
    CD_OPTIONS_END,
};

static cd_module *max_pool2d_make(const void *o)
{
    return cd_nn_max_pool2d_with(options_of(o));
}

const cd_module_class cd_nn_max_pool2d_class = { .name = "MaxPool2d",
                                                 .size = sizeof(max_pool2d),
                                                 .inputs = 1,
                                                 .forward = max_pool2d_forward,
                                                 CD_CLASS_OPTIONS(max_pool2d, options, options),
                                                 .make = max_pool2d_make };

static bool check_options(const cd_max_pool2d_options *o, const own_options *own)
{
    for (int i = 0; i < 2; i++) {
        if (own->padding[i] <= own->kernel[i] / 2) continue;
        return cd_fail(
            CD_ERR_ARGUMENT,
            "nn_max_pool2d: .padding is %lld, and must be at most half the kernel, which "
            "is %lld",
            (long long)own->padding[i], (long long)own->kernel[i]);
    }
    return (!o->x && !o->indices) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "nn_max_pool2d: .%s is for the function cd_max_pool2d: a module gets its "
                   "input from cd_forward and gives one output",
                   o->x ? "x" : "indices");
}

cd_module *cd_nn_max_pool2d_with(cd_max_pool2d_options o)
{
    const int64_t width = o.kernel_w ? o.kernel_w : o.kernel;
    const bool wide = o.padding_w != 0 || o.padding_w_is_zero;
    own_options own = { .kernel = { o.kernel, width },
                        .stride = { o.stride ? o.stride : o.kernel, o.stride_w ? o.stride_w
                                                                    : o.stride ? o.stride
                                                                               : width },
                        .padding = { o.padding, wide ? o.padding_w : o.padding },
                        .dilation = { o.dilation, o.dilation_w ? o.dilation_w : o.dilation },
                        .ceil_mode = o.ceil_mode };
    if (!cd_options_fill(options, &own, "nn_max_pool2d") || !check_options(&o, &own)) return NULL;
    max_pool2d *self = (max_pool2d *)cd_module_new(&cd_nn_max_pool2d_class);
    if (self) self->options = own;
    return (cd_module *)self;
}
