#include <math.h>

#include "core/error.h"
#include "nn/init.h"
#include "nn/layers.h"

typedef struct linear {
    cd_module module;
    cd_tensor *weight, *bias;
    int64_t in_features, out_features;
} linear;

static bool forward(cd_module *m, const cd_arguments *a)
{
    linear *self = (linear *)m;
    a->out[0] = cd_linear(a->in[0], self->weight, self->bias);
    return a->out[0];
}

static void describe(const cd_module *m, char *text, size_t bytes)
{
    const linear *self = (const linear *)m;
    (void)snprintf(text, bytes, "in_features=%lld, out_features=%lld, bias=%s",
                   (long long)self->in_features, (long long)self->out_features,
                   self->bias ? "True" : "False");
}

static const cd_module_class linear_class = {
    .name = "Linear", .size = sizeof(linear), .inputs = 1, .forward = forward, .describe = describe
};

/* torch.nn.Linear's: the weight by He's uniform with a = sqrt(5), which comes to +-1/sqrt(in); the
 * bias in the same range. */
static bool fill(linear *self, const cd_linear_options *o)
{
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

cd_module *cd_nn_linear_with(cd_linear_options o)
{
    if (o.in_features < 0 || o.out_features < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_linear: the sizes are %lld and %lld, and must not be negative",
                      (long long)o.in_features, (long long)o.out_features);
        return NULL;
    }
    CD_SCOPE();
    linear *self = (linear *)cd_module_new(&linear_class);
    if (!self) return NULL;
    self->in_features = o.in_features;
    self->out_features = o.out_features;
    return fill(self, &o) ? cd_escape(self) : NULL;
}
