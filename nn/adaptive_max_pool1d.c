/* torch.nn.AdaptiveMaxPool1d. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct pool_options {
    int64_t output;
} pool_options;

typedef struct adaptive_max_pool1d {
    cd_module module;
    pool_options options;
} adaptive_max_pool1d;

static bool adaptive_max_pool1d_forward(cd_module *m, const cd_arguments *a)
{
    a->out[0] = cd_adaptive_max_pool1d(a->in[0], ((const adaptive_max_pool1d *)m)->options.output);
    return a->out[0];
}

static const cd_option options[] = {
    { "output_size", CD_OPTION(pool_options, output, INTEGER), .required = true },
    CD_OPTIONS_END,
};

static cd_module *adaptive_max_pool1d_make(const void *o)
{
    return cd_nn_adaptive_max_pool1d(((const pool_options *)o)->output);
}

const cd_module_class cd_nn_adaptive_max_pool1d_class = {
    .name = "AdaptiveMaxPool1d",
    .size = sizeof(adaptive_max_pool1d),
    .inputs = 1,
    .forward = adaptive_max_pool1d_forward,
    CD_CLASS_OPTIONS(adaptive_max_pool1d, options, options),
    .make = adaptive_max_pool1d_make,
};

cd_module *cd_nn_adaptive_max_pool1d(int64_t size)
{
    pool_options o = { size };
    if (!cd_options_fill(options, &o, "nn_adaptive_max_pool1d")) return NULL;
    adaptive_max_pool1d *self =
        (adaptive_max_pool1d *)cd_module_new(&cd_nn_adaptive_max_pool1d_class);
    if (self) self->options = o;
    return (cd_module *)self;
}
