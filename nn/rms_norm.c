/* torch.nn.RMSNorm: divides by the root mean square over the last dimensions, then scales. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct rms_norm {
    cd_module module;
    cd_tensor *weight;
    cd_nn_rms_norm_options options;
} rms_norm;

static bool rms_norm_forward(cd_module *m, const cd_arguments *a)
{
    const rms_norm *self = (const rms_norm *)m;
    a->out[0] = cd_rms_norm(a->in[0], self->options.shape, .weight = self->weight,
                            .eps = self->options.eps);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_rms_norm_options, member_, kind_)
static const cd_option options[] = {
    { "normalized_shape", FIELD(shape, SHAPE), .required = true, .shown = CD_SHOWN_VALUE },
    { "eps", FIELD(eps, REAL), .text = "None" },
    { "elementwise_affine", FIELD(no_affine, NEGATED) },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *rms_norm_make(const void *o)
{
    return cd_nn_rms_norm_with(*(const cd_nn_rms_norm_options *)o);
}

const cd_module_class cd_nn_rms_norm_class = { .name = "RMSNorm",
                                               .size = sizeof(rms_norm),
                                               .inputs = 1,
                                               .forward = rms_norm_forward,
                                               CD_CLASS_OPTIONS(rms_norm, options, options),
                                               .make = rms_norm_make };

cd_module *cd_nn_rms_norm_with(cd_nn_rms_norm_options o)
{
    if (!cd_options_fill(options, &o, "nn_rms_norm")) return NULL;
    CD_SCOPE();
    rms_norm *self = (rms_norm *)cd_module_new(&cd_nn_rms_norm_class);
    if (!self) return NULL;
    self->options = o;
    const bool done = o.no_affine ||
                      cd_register_parameter(&self->module, "weight", &self->weight,
                                            cd_ones(o.shape, .dtype = o.dtype, .device = o.device));
    return done ? cd_escape(self) : NULL;
}
