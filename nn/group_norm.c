/* torch.nn.GroupNorm: normalises groups of channels, then scales and shifts each channel. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct group_norm {
    cd_module module;
    cd_tensor *weight, *bias;
    cd_nn_group_norm_options options;
} group_norm;

static bool group_norm_forward(cd_module *m, const cd_arguments *a)
{
    const group_norm *self = (const group_norm *)m;
    a->out[0] = cd_group_norm(a->in[0], self->options.groups, .weight = self->weight,
                              .bias = self->bias, .eps = self->options.eps);
    return a->out[0];
}

static bool register_parameters(group_norm *self)
{
    const cd_nn_group_norm_options *o = &self->options;
    const cd_shape shape = CD_SHAPE(o->channels);
    if (o->no_affine) return true;
    return cd_register_parameter(&self->module, "weight", &self->weight,
                                 cd_ones(shape, .dtype = o->dtype, .device = o->device)) &&
           (o->no_bias ||
            cd_register_parameter(&self->module, "bias", &self->bias,
                                  cd_zeros(shape, .dtype = o->dtype, .device = o->device)));
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_group_norm_options, member_, kind_)
static const cd_option options[] = {
    { "num_groups", FIELD(groups, INTEGER), .required = true, .min = 1, .shown = CD_SHOWN_VALUE },
    { "num_channels", FIELD(channels, INTEGER), .required = true, .min = 1,
      .shown = CD_SHOWN_VALUE },
    { "eps", FIELD(eps, REAL), .default_value = 1e-5 },
    { "affine", FIELD(no_affine, NEGATED) },
    { "bias", FIELD(no_bias, NEGATED) },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *group_norm_make(const void *o)
{
    return cd_nn_group_norm_with(*(const cd_nn_group_norm_options *)o);
}

const cd_module_class cd_nn_group_norm_class = { .name = "GroupNorm",
                                                 .size = sizeof(group_norm),
                                                 .inputs = 1,
                                                 .forward = group_norm_forward,
                                                 CD_CLASS_OPTIONS(group_norm, options, options),
                                                 .make = group_norm_make };

cd_module *cd_nn_group_norm_with(cd_nn_group_norm_options o)
{
    if (!cd_options_fill(options, &o, "nn_group_norm")) return NULL;
    if (o.channels % o.groups != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "nn_group_norm: %lld groups do not divide %lld channels",
                      (long long)o.groups, (long long)o.channels);
        return NULL;
    }
    o.no_bias |= o.no_affine;
    CD_SCOPE();
    group_norm *self = (group_norm *)cd_module_new(&cd_nn_group_norm_class);
    if (!self) return NULL;
    self->options = o;
    return register_parameters(self) ? cd_escape(self) : NULL;
}
