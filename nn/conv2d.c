/* torch.nn.Conv2d: a convolution over images, optionally in groups. */
#include <math.h>

#include "core/error.h"
#include "nn/init.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct conv2d {
    cd_module module;
    cd_tensor *weight, *bias;
    cd_nn_conv2d_options options;
} conv2d;

static bool conv2d_forward(cd_module *m, const cd_arguments *a)
{
    conv2d *self = (conv2d *)m;
    const cd_nn_conv2d_options *o = &self->options;
    a->out[0] = cd_conv2d(a->in[0], self->weight, self->bias, .stride = o->stride,
                          .padding = o->padding, .dilation = o->dilation, .groups = o->groups);
    return a->out[0];
}

/* Makes the parameters, initialised as torch.nn.Conv2d's: weight and bias are uniform in
 * +-1/sqrt(fan_in), the range of Kaiming uniform with a = sqrt(5). */
static bool register_parameters(conv2d *self)
{
    const cd_nn_conv2d_options *o = &self->options;
    int64_t k = o->kernel, in = o->in_channels / o->groups;
    cd_tensor *weight =
        cd_empty(CD_SHAPE(o->out_channels, in, k, k), .dtype = o->dtype, .device = o->device);
    cd_tensor *bias =
        o->no_bias ? NULL
                   : cd_empty(CD_SHAPE(o->out_channels), .dtype = o->dtype, .device = o->device);
    if (!cd_ok()) return false;
    double bound = 1 / sqrt((double)(in * k * k));
    (void)cd_init_kaiming_uniform_(weight, sqrt(5.0), CD_FAN_IN);
    if (bias) (void)cd_init_uniform_(bias, -bound, bound);
    return cd_register_parameter(&self->module, "weight", &self->weight, weight) &&
           cd_register_parameter(&self->module, "bias", &self->bias, bias);
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_conv2d_options, member_, kind_)
static const cd_option options[] = {
    { "in_channels", FIELD(in_channels, INTEGER), .required = true, .min = 1,
      .shown = CD_SHOWN_VALUE },
    { "out_channels", FIELD(out_channels, INTEGER), .required = true, .min = 1,
      .shown = CD_SHOWN_VALUE },
    { "kernel_size", FIELD(kernel, SQUARE), .required = true, .min = 1 },
    { "stride", FIELD(stride, SQUARE), .default_value = 1, .min = 1 },
    { "padding", FIELD(padding, SQUARE), .shown = CD_SHOWN_CHANGED },
    { "dilation", FIELD(dilation, SQUARE), .default_value = 1, .min = 1,
      .shown = CD_SHOWN_CHANGED },
    { "groups", FIELD(groups, INTEGER), .default_value = 1, .min = 1, .shown = CD_SHOWN_CHANGED },
    { "bias", FIELD(no_bias, NEGATED), .shown = CD_SHOWN_CHANGED },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *conv2d_make(const void *o)
{
    return cd_nn_conv2d_with(*(const cd_nn_conv2d_options *)o);
}

const cd_module_class cd_nn_conv2d_class = { .name = "Conv2d",
                                             .size = sizeof(conv2d),
                                             .inputs = 1,
                                             .forward = conv2d_forward,
                                             CD_CLASS_OPTIONS(conv2d, options, options),
                                             .make = conv2d_make };

cd_module *cd_nn_conv2d_with(cd_nn_conv2d_options o)
{
    if (!cd_options_fill(options, &o, "nn_conv2d")) return NULL;
    if (o.in_channels % o.groups != 0 || o.out_channels % o.groups != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_conv2d: %lld groups do not divide %lld and %lld channels",
                      (long long)o.groups, (long long)o.in_channels, (long long)o.out_channels);
        return NULL;
    }
    CD_SCOPE();
    conv2d *self = (conv2d *)cd_module_new(&cd_nn_conv2d_class);
    if (!self) return NULL;
    self->options = o;
    return register_parameters(self) ? cd_escape(self) : NULL;
}
