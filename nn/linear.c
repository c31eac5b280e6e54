/* torch.nn.Linear: y = x weight^T + bias. */
#include <math.h>

#include "core/error.h"
#include "nn/init.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct linear {
    cd_module module;
    cd_tensor *weight, *bias;
    cd_nn_linear_options options;
} linear;

static bool linear_forward(cd_module *m, const cd_arguments *a)
{
    linear *self = (linear *)m;
    a->out[0] = cd_linear(a->in[0], self->weight, self->bias);
    return a->out[0];
}

/* Makes the parameters, initialised as torch.nn.Linear's: weight and bias are uniform in
 * +-1/sqrt(in_features), the range of Kaiming uniform with a = sqrt(5). */
static bool register_parameters(linear *self)
{
    const cd_nn_linear_options *o = &self->options;
    cd_tensor *weight =
        cd_empty(CD_SHAPE(o->out_features, o->in_features), .dtype = o->dtype, .device = o->device);
    cd_tensor *bias =
        o->no_bias ? NULL
                   : cd_empty(CD_SHAPE(o->out_features), .dtype = o->dtype, .device = o->device);
    if (!cd_ok()) return false;
    if (o->in_features > 0) {
        double bound = 1 / sqrt((double)o->in_features);
        if (cd_numel(weight) > 0) (void)cd_init_kaiming_uniform_(weight, sqrt(5.0), CD_FAN_IN);
        if (bias) (void)cd_init_uniform_(bias, -bound, bound);
    } else if (bias) {
        (void)cd_init_constant_(bias, 0);
    }
    return cd_register_parameter(&self->module, "weight", &self->weight, weight) &&
           cd_register_parameter(&self->module, "bias", &self->bias, bias);
}

static const cd_option options[] = {
    { "in_features", CD_OPTION(cd_nn_linear_options, in_features, INTEGER), .required = true },
    { "out_features", CD_OPTION(cd_nn_linear_options, out_features, INTEGER), .required = true },
    { "bias", CD_OPTION(cd_nn_linear_options, no_bias, NEGATED) },
    { "dtype", CD_OPTION(cd_nn_linear_options, dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *linear_make(const void *o)
{
    return cd_nn_linear_with(*(const cd_nn_linear_options *)o);
}

const cd_module_class cd_nn_linear_class = { .name = "Linear",
                                             .size = sizeof(linear),
                                             .inputs = 1,
                                             .forward = linear_forward,
                                             CD_CLASS_OPTIONS(linear, options, options),
                                             .make = linear_make };

cd_module *cd_nn_linear_with(cd_nn_linear_options o)
{
    if (!cd_options_fill(options, &o, "nn_linear")) return NULL;
    CD_SCOPE();
    linear *self = (linear *)cd_module_new(&cd_nn_linear_class);
    if (!self) return NULL;
    self->options = o;
    return register_parameters(self) ? cd_escape(self) : NULL;
}
