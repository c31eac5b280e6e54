#include <math.h>

#include "core/error.h"
#include "nn/init.h"
#include "nn/layers.h"

typedef struct conv2d {
    cd_module module;
    cd_tensor *weight, *bias;
    cd_nn_conv2d_options options; /* with the defaults filled in */
} conv2d;

static bool forward(cd_module *m, const cd_arguments *a)
{
    conv2d *self = (conv2d *)m;
    const cd_nn_conv2d_options *o = &self->options;
    a->out[0] = cd_conv2d(a->in[0], self->weight, self->bias, .stride = o->stride,
                          .padding = o->padding, .dilation = o->dilation, .groups = o->groups);
    return a->out[0];
}

/* PyTorch names only what is not the default. */
static void describe(const cd_module *m, char *text, size_t bytes)
{
    const cd_nn_conv2d_options *o = &((const conv2d *)m)->options;
    char padding[64] = "", dilation[64] = "", groups[64] = "";
    long long k = o->kernel, s = o->stride, p = o->padding, d = o->dilation;
    if (p != 0) (void)snprintf(padding, sizeof padding, ", padding=(%lld, %lld)", p, p);
    if (d != 1) (void)snprintf(dilation, sizeof dilation, ", dilation=(%lld, %lld)", d, d);
    if (o->groups != 1) {
        (void)snprintf(groups, sizeof groups, ", groups=%lld", (long long)o->groups);
    }
    (void)snprintf(text, bytes, "%lld, %lld, kernel_size=(%lld, %lld), stride=(%lld, %lld)%s%s%s%s",
                   (long long)o->in_channels, (long long)o->out_channels, k, k, s, s, padding,
                   dilation, groups, o->no_bias ? ", bias=False" : "");
}

static const cd_module_class conv2d_class = {
    .name = "Conv2d", .size = sizeof(conv2d), .inputs = 1, .forward = forward, .describe = describe
};

static bool check(const cd_nn_conv2d_options *o)
{
    if (o->in_channels < 1 || o->out_channels < 1 || o->kernel < 1 || o->stride < 1 ||
        o->padding < 0 || o->dilation < 1 || o->groups < 1) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "nn_conv2d: channels, kernel, stride, dilation and groups must be "
                       "1 or more and padding 0 or more");
    }
    if (o->in_channels % o->groups == 0 && o->out_channels % o->groups == 0) return true;
    return cd_fail(CD_ERR_ARGUMENT, "nn_conv2d: %lld groups do not divide %lld and %lld channels",
                   (long long)o->groups, (long long)o->in_channels, (long long)o->out_channels);
}

static bool fill(conv2d *self)
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

cd_module *cd_nn_conv2d_with(cd_nn_conv2d_options o)
{
    if (o.stride == 0) o.stride = 1;
    if (o.dilation == 0) o.dilation = 1;
    if (o.groups == 0) o.groups = 1;
    if (!check(&o)) return NULL;
    CD_SCOPE();
    conv2d *self = (conv2d *)cd_module_new(&conv2d_class);
    if (!self) return NULL;
    self->options = o;
    return fill(self) ? cd_escape(self) : NULL;
}
