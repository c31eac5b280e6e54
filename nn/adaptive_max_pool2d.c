/* torch.nn.AdaptiveMaxPool2d: max pooling to a given output size. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct pool_options {
    int64_t output[2]; /* height and width */
    bool return_indices;
} pool_options;

typedef struct adaptive_max_pool2d {
    cd_module module;
    pool_options options;
} adaptive_max_pool2d;

static bool adaptive_max_pool2d_forward(cd_module *m, const cd_arguments *a)
{
    const pool_options *o = &((const adaptive_max_pool2d *)m)->options;
    a->out[0] = cd_adaptive_max_pool2d(a->in[0], o->output[0], o->output[1],
                                       .indices = o->return_indices ? &a->out[1] : NULL);
    return a->out[0];
}

static int adaptive_max_pool2d_outputs(const cd_module *m)
{
    return ((const adaptive_max_pool2d *)m)->options.return_indices ? 2 : 1;
}

static const cd_option options[] = {
    { "output_size", CD_OPTION(pool_options, output, PAIR), .required = true, .min = -1 },
    { "return_indices", CD_OPTION(pool_options, return_indices, BOOL), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *adaptive_max_pool2d_make(const void *o)
{
    const pool_options *own = o;
    return cd_nn_adaptive_max_pool2d(own->output[0], own->output[1],
                                     .return_indices = own->return_indices);
}

const cd_module_class cd_nn_adaptive_max_pool2d_class = {
    .name = "AdaptiveMaxPool2d",
    .size = sizeof(adaptive_max_pool2d),
    .inputs = 1,
    .count_outputs = adaptive_max_pool2d_outputs,
    .forward = adaptive_max_pool2d_forward,
    CD_CLASS_OPTIONS(adaptive_max_pool2d, options, options),
    .make = adaptive_max_pool2d_make,
};

cd_module *cd_nn_adaptive_max_pool2d_with(cd_adaptive_max_pool2d_options o)
{
    pool_options own = { { o.height, o.width }, o.return_indices };
    if (o.x || o.indices) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_adaptive_max_pool2d: .%s is for the function cd_adaptive_max_pool2d: a "
                      "module gets its input from "
                      "cd_forward, and gives indices with .return_indices",
                      o.x ? "x" : "indices");
        return NULL;
    }
    if (!cd_options_fill(options, &own, "nn_adaptive_max_pool2d")) return NULL;
    adaptive_max_pool2d *self =
        (adaptive_max_pool2d *)cd_module_new(&cd_nn_adaptive_max_pool2d_class);
    if (self) self->options = own;
    return (cd_module *)self;
}
