/* torch.nn.MaxPool1d. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct max_pool1d {
    cd_module module;
    cd_pool1d_options options; /* x and indices are NULL */
} max_pool1d;

static bool max_pool1d_forward(cd_module *m, const cd_arguments *a)
{
    cd_pool1d_options o = ((const max_pool1d *)m)->options;
    o.x = a->in[0];
    o.indices = o.return_indices ? &a->out[1] : NULL;
    o.return_indices = false;
    a->out[0] = cd_max_pool1d_with(o);
    return a->out[0];
}

static int max_pool1d_outputs(const cd_module *m)
{
    return ((const max_pool1d *)m)->options.return_indices ? 2 : 1;
}

#define FIELD(member_, kind_) CD_OPTION(cd_pool1d_options, member_, kind_)
static const cd_option options[] = {
    { "kernel_size", FIELD(kernel, INTEGER), .required = true, .min = 1 },
    { "stride", FIELD(stride, INTEGER) }, /* 0 means the kernel's size */
    { "padding", FIELD(padding, INTEGER) },
    { "dilation", FIELD(dilation, INTEGER), .default_value = 1, .min = 1 },
    { "return_indices", FIELD(return_indices, BOOL), .shown = CD_SHOWN_NEVER },
    { "ceil_mode", FIELD(ceil_mode, BOOL) },
    CD_OPTIONS_END,
};

static cd_module *max_pool1d_make(const void *o)
{
    return cd_nn_max_pool1d_with(*(const cd_pool1d_options *)o);
}

const cd_module_class cd_nn_max_pool1d_class = { .name = "MaxPool1d",
                                                 .size = sizeof(max_pool1d),
                                                 .inputs = 1,
                                                 .count_outputs = max_pool1d_outputs,
                                                 .forward = max_pool1d_forward,
                                                 CD_CLASS_OPTIONS(max_pool1d, options, options),
                                                 .make = max_pool1d_make };

cd_module *cd_nn_max_pool1d_with(cd_pool1d_options o)
{
    if (!cd_options_fill(options, &o, "nn_max_pool1d")) return NULL;
    if (o.stride == 0) o.stride = o.kernel;
    if (o.x || o.indices || o.exclude_padding) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_max_pool1d: it has no .x, .indices and .exclude_padding");
        return NULL;
    }
    max_pool1d *self = (max_pool1d *)cd_module_new(&cd_nn_max_pool1d_class);
    if (self) self->options = o;
    return (cd_module *)self;
}
