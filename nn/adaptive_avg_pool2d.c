/* torch.nn.AdaptiveAvgPool2d: average pooling to a given output size. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct pool_options {
    int64_t output[2]; /* height and width */
} pool_options;

typedef struct adaptive_avg_pool2d {
    cd_module module;
    pool_options options;
} adaptive_avg_pool2d;

static bool adaptive_avg_pool2d_forward(cd_module *m, const cd_arguments *a)
{
    const int64_t *output = ((const adaptive_avg_pool2d *)m)->options.output;
    a->out[0] = cd_adaptive_avg_pool2d(a->in[0], output[0], output[1]);
    return a->out[0];
}

static const cd_option options[] = {
    { "output_size", CD_OPTION(pool_options, output, PAIR), .required = true, .min = -1 },
    CD_OPTIONS_END,
};

static cd_module *adaptive_avg_pool2d_make(const void *o)
{
    const int64_t *output = ((const pool_options *)o)->output;
    return cd_nn_adaptive_avg_pool2d(output[0], output[1]);
}

const cd_module_class cd_nn_adaptive_avg_pool2d_class = {
    .name = "AdaptiveAvgPool2d",
    .size = sizeof(adaptive_avg_pool2d),
    .inputs = 1,
    .forward = adaptive_avg_pool2d_forward,
    CD_CLASS_OPTIONS(adaptive_avg_pool2d, options, options),
    .make = adaptive_avg_pool2d_make,
};

cd_module *cd_nn_adaptive_avg_pool2d(int64_t height, int64_t width)
{
    pool_options o = { { height, width } };
    if (!cd_options_fill(options, &o, "nn_adaptive_avg_pool2d")) return NULL;
    adaptive_avg_pool2d *self =
        (adaptive_avg_pool2d *)cd_module_new(&cd_nn_adaptive_avg_pool2d_class);
    if (self) self->options = o;
    return (cd_module *)self;
}
