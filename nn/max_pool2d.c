/* torch.nn.MaxPool2d. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct max_pool2d {
    cd_module module;
    cd_max_pool2d_options options; /* x and indices are NULL */
} max_pool2d;

static bool max_pool2d_forward(cd_module *m, const cd_arguments *a)
{
    cd_max_pool2d_options o = ((const max_pool2d *)m)->options;
    o.x = a->in[0];
    a->out[0] = cd_max_pool2d_with(o);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(cd_max_pool2d_options, member_, kind_)
static const cd_option options[] = {
    { "kernel_size", FIELD(kernel, INTEGER), .required = true, .min = 1 },
    { "stride", FIELD(stride, INTEGER) }, /* 0 means the kernel's size */
    { "padding", FIELD(padding, INTEGER) },
    { "dilation", FIELD(dilation, INTEGER), .default_value = 1, .min = 1 },
    { "ceil_mode", FIELD(ceil_mode, BOOL) },
    CD_OPTIONS_END,
};

static cd_module *max_pool2d_make(const void *o)
{
    return cd_nn_max_pool2d_with(*(const cd_max_pool2d_options *)o);
}

const cd_module_class cd_nn_max_pool2d_class = { .name = "MaxPool2d",
                                                 .size = sizeof(max_pool2d),
                                                 .inputs = 1,
                                                 .forward = max_pool2d_forward,
                                                 CD_CLASS_OPTIONS(max_pool2d, options, options),
                                                 .make = max_pool2d_make };

cd_module *cd_nn_max_pool2d_with(cd_max_pool2d_options o)
{
    if (!cd_options_fill(options, &o, "nn_max_pool2d")) return NULL;
    if (o.stride == 0) o.stride = o.kernel;
    if (o.padding > o.kernel / 2) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_max_pool2d: .padding is %lld, and must be at most half the kernel, which "
                      "is %lld",
                      (long long)o.padding, (long long)o.kernel);
        return NULL;
    }
    if (o.x || o.indices) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_max_pool2d: .%s is for the function cd_max_pool2d: a module gets its "
                      "input from cd_forward and gives one output",
                      o.x ? "x" : "indices");
        return NULL;
    }
    max_pool2d *self = (max_pool2d *)cd_module_new(&cd_nn_max_pool2d_class);
    if (self) self->options = o;
    return (cd_module *)self;
}
