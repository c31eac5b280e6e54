/* torch.nn.PReLU: x where x > 0, else weight x. */
#include <math.h>

#include "core/error.h"
#include "nn/activations.h"
#include "nn/module_internal.h"

typedef struct prelu {
    cd_module module;
    cd_tensor *weight;
    cd_nn_prelu_options options;
} prelu;

static bool prelu_forward(cd_module *m, const cd_arguments *a)
{
    a->out[0] = cd_prelu(a->in[0], ((const prelu *)m)->weight);
    return a->out[0];
}

static const cd_option options[] = {
    { "num_parameters", CD_OPTION(cd_nn_prelu_options, num_parameters, INTEGER), .required = true,
      .min = 1 },
    { "init", CD_OPTION(cd_nn_prelu_options, init, REAL), .default_value = 0.25, .min = -INFINITY,
      .shown = CD_SHOWN_NEVER },
    { "dtype", CD_OPTION(cd_nn_prelu_options, dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *prelu_make(const void *o)
{
    return cd_nn_prelu_with(*(const cd_nn_prelu_options *)o);
}

const cd_module_class cd_nn_prelu_class = { .name = "PReLU",
                                            .size = sizeof(prelu),
                                            .inputs = 1,
                                            .forward = prelu_forward,
                                            CD_CLASS_OPTIONS(prelu, options, options),
                                            .make = prelu_make };

cd_module *cd_nn_prelu_with(cd_nn_prelu_options o)
{
    if (!cd_options_fill(options, &o, "nn_prelu")) return NULL;
    CD_SCOPE();
    prelu *self = (prelu *)cd_module_new(&cd_nn_prelu_class);
    if (!self) return NULL;
    self->options = o;
    cd_tensor *weight =
        cd_full(CD_SHAPE(o.num_parameters), o.init, .dtype = o.dtype, .device = o.device);
    bool done = cd_register_parameter(&self->module, "weight", &self->weight, weight);
    return done ? cd_escape(self) : NULL;
}
