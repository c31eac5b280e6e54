/* torch.nn.Bilinear: y[k] = x1 weight[k] x2^T + bias[k]. */
#include <math.h>

#include "autograd/product_ops.h"
#include "core/error.h"
#include "nn/init.h"
#include "nn/module_internal.h"
#include "nn/pairs.h"

typedef struct bilinear {
    cd_module module;
    cd_tensor *weight, *bias;
    cd_nn_bilinear_options options;
} bilinear;

static bool bilinear_forward(cd_module *m, const cd_arguments *a)
{
    bilinear *self = (bilinear *)m;
    a->out[0] = cd_bilinear(a->in[0], a->in[1], self->weight, self->bias);
    return a->out[0];
}

static bool register_parameters(bilinear *self)
{
    const cd_nn_bilinear_options *o = &self->options;
    const double bound = 1 / sqrt((double)o->in1_features);
    cd_tensor *weight = cd_empty(CD_SHAPE(o->out_features, o->in1_features, o->in2_features),
                                 .dtype = o->dtype, .device = o->device);
    cd_tensor *bias =
        o->no_bias ? NULL
                   : cd_empty(CD_SHAPE(o->out_features), .dtype = o->dtype, .device = o->device);
    if (!cd_ok()) return false;
    (void)cd_init_uniform_(weight, -bound, bound);
    if (bias) (void)cd_init_uniform_(bias, -bound, bound);
    return cd_register_parameter(&self->module, "weight", &self->weight, weight) &&
           cd_register_parameter(&self->module, "bias", &self->bias, bias);
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_bilinear_options, member_, kind_)
static const cd_option options[] = {
    { "in1_features", FIELD(in1_features, INTEGER), .required = true, .min = 1 },
    { "in2_features", FIELD(in2_features, INTEGER), .required = true },
    { "out_features", FIELD(out_features, INTEGER), .required = true },
    { "bias", FIELD(no_bias, NEGATED) },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *bilinear_make(const void *o)
{
    return cd_nn_bilinear_with(*(const cd_nn_bilinear_options *)o);
}

const cd_module_class cd_nn_bilinear_class = { .name = "Bilinear",
                                               .size = sizeof(bilinear),
                                               .inputs = 2,
                                               .forward = bilinear_forward,
                                               CD_CLASS_OPTIONS(bilinear, options, options),
                                               .make = bilinear_make };

cd_module *cd_nn_bilinear_with(cd_nn_bilinear_options o)
{
    if (!cd_options_fill(options, &o, "nn_bilinear")) return NULL;
    CD_SCOPE();
    bilinear *self = (bilinear *)cd_module_new(&cd_nn_bilinear_class);
    if (!self) return NULL;
    self->options = o;
    return register_parameters(self) ? cd_escape(self) : NULL;
}
