/* torch.nn.AvgPool1d. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed: PyTorch has lists of one number. */
typedef struct own_options {
    cd_shape kernel, stride, padding;
    bool ceil_mode, exclude_padding;
} own_options;

typedef struct avg_pool1d {
    cd_module module;
    own_options options;
} avg_pool1d;

static cd_pool1d_options options_of(const own_options *o)
{
    return (cd_pool1d_options){ .kernel = o->kernel.dim[0],
                                .stride = o->stride.dim[0],
                                .padding = o->padding.dim[0],
                                .ceil_mode = o->ceil_mode,
                                .exclude_padding = o->exclude_padding };
}

static bool avg_pool1d_forward(cd_module *m, const cd_arguments *a)
{
    cd_pool1d_options o = options_of(&((const avg_pool1d *)m)->options);
    o.x = a->in[0];
    a->out[0] = cd_avg_pool1d_with(o);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(own_options, member_, kind_)
static const cd_option options[] = {
    { "kernel_size", FIELD(kernel, SHAPE), .required = true, .min = 1 },
    { "stride", FIELD(stride, SHAPE), .min = 1 },
    { "padding", FIELD(padding, SHAPE) },
    { "ceil_mode", FIELD(ceil_mode, BOOL), .shown = CD_SHOWN_NEVER },
    { "count_include_pad", FIELD(exclude_padding, NEGATED), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *avg_pool1d_make(const void *o)
{
    return cd_nn_avg_pool1d_with(options_of(o));
}

const cd_module_class cd_nn_avg_pool1d_class = { .name = "AvgPool1d",
                                                 .size = sizeof(avg_pool1d),
                                                 .inputs = 1,
                                                 .forward = avg_pool1d_forward,
                                                 CD_CLASS_OPTIONS(avg_pool1d, options, options),
                                                 .make = avg_pool1d_make };

cd_module *cd_nn_avg_pool1d_with(cd_pool1d_options o)
{
    own_options own = { .kernel = CD_SHAPE(o.kernel),
                        .stride = CD_SHAPE(o.stride ? o.stride : o.kernel),
                        .padding = CD_SHAPE(o.padding),
                        .ceil_mode = o.ceil_mode,
                        .exclude_padding = o.exclude_padding };
    if (!cd_options_fill(options, &own, "nn_avg_pool1d")) return NULL;
    if (o.x || o.indices || o.return_indices || o.dilation) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_avg_pool1d: it has no .x, .indices, .return_indices and .dilation");
        return NULL;
    }
    avg_pool1d *self = (avg_pool1d *)cd_module_new(&cd_nn_avg_pool1d_class);
    if (self) self->options = own;
    return (cd_module *)self;
}
