/* torch.nn.LayerNorm: normalises over the last dimensions, then scales and shifts. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct layer_norm {
    cd_module module;
    cd_tensor *weight, *bias;
    cd_nn_layer_norm_options options;
} layer_norm;

static bool layer_norm_forward(cd_module *m, const cd_arguments *a)
{
    const layer_norm *self = (const layer_norm *)m;
    a->out[0] = cd_layer_norm(a->in[0], self->options.shape, .weight = self->weight,
                              .bias = self->bias, .eps = self->options.eps);
    return a->out[0];
}

static bool register_parameters(layer_norm *self)
{
    const cd_nn_layer_norm_options *o = &self->options;
    cd_module *m = &self->module;
    if (o->no_affine) return true;
    return cd_register_parameter(m, "weight", &self->weight,
                                 cd_ones(o->shape, .dtype = o->dtype, .device = o->device)) &&
           (o->no_bias ||
            cd_register_parameter(m, "bias", &self->bias,
                                  cd_zeros(o->shape, .dtype = o->dtype, .device = o->device)));
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_layer_norm_options, member_, kind_)
static const cd_option options[] = {
    { "normalized_shape", FIELD(shape, SHAPE), .required = true, .shown = CD_SHOWN_VALUE },
    { "eps", FIELD(eps, REAL), .default_value = 1e-5 },
    { "elementwise_affine", FIELD(no_affine, NEGATED) },
    { "bias", FIELD(no_bias, NEGATED) },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *layer_norm_make(const void *o)
{
    return cd_nn_layer_norm_with(*(const cd_nn_layer_norm_options *)o);
}

const cd_module_class cd_nn_layer_norm_class = { .name = "LayerNorm",
                                                 .size = sizeof(layer_norm),
                                                 .inputs = 1,
                                                 .forward = layer_norm_forward,
                                                 CD_CLASS_OPTIONS(layer_norm, options, options),
                                                 .make = layer_norm_make };

cd_module *cd_nn_layer_norm_with(cd_nn_layer_norm_options o)
{
    if (!cd_options_fill(options, &o, "nn_layer_norm")) return NULL;
    o.no_bias |= o.no_affine;
    CD_SCOPE();
    layer_norm *self = (layer_norm *)cd_module_new(&cd_nn_layer_norm_class);
    if (!self) return NULL;
    self->options = o;
    return register_parameters(self) ? cd_escape(self) : NULL;
}
