#include <math.h>

#include "autograd/ops_internal.h"
#include "core/error.h"
#include "core/tensor_internal.h"
#include "core/text_internal.h"
#include "nn/layers.h"

typedef struct batch_norm {
    cd_module module;
    cd_tensor *weight, *bias, *running_mean, *running_var, *num_batches_tracked;
    cd_nn_batch_norm_options options;
} batch_norm;

/* In training mode the statistics move, and the batch is counted, whether or not a graph is
 * recorded: as in PyTorch. Freezing the module is what stops it. */
static bool forward(cd_module *m, const cd_arguments *a)
{
    batch_norm *self = (batch_norm *)m;
    bool training = cd_is_training(m);
    cd_tensor *x = a->in[0];
    if (x->shape.ndim != 4) {
        char text[CD_SHAPE_TEXT];
        return cd_fail(CD_ERR_SHAPE, "BatchNorm2d: the input is %s, and N x C x H x W is expected",
                       cd_shape_text(x->shape, text));
    }
    const cd_batch_norm_options options = { .x = x,
                                            .weight = self->weight,
                                            .bias = self->bias,
                                            .running_mean = self->running_mean,
                                            .running_var = self->running_var,
                                            .training = training,
                                            .momentum = self->options.momentum,
                                            .eps = self->options.eps };
    a->out[0] = cd_batch_norm_counted(options, self->num_batches_tracked);
    return a->out[0] != NULL;
}

/* Zero stands for the default, minus zero for zero (CD_ZERO). */
static double or_default(double value, double standard)
{
    return value != 0 ? value : signbit(value) ? 0 : standard;
}

static void describe(const cd_module *m, char *text, size_t bytes)
{
    const cd_nn_batch_norm_options *o = &((const batch_norm *)m)->options;
    (void)cd_format(
        text, bytes,
        "%lld, eps=%.12g, momentum=%.12g, affine=True, bias=True, track_running_stats=True",
        (long long)o->features, or_default(o->eps, 1e-5), or_default(o->momentum, 0.1));
}

static const cd_module_class batch_norm_class = { .name = "BatchNorm2d",
                                                  .size = sizeof(batch_norm),
                                                  .inputs = 1,
                                                  .forward = forward,
                                                  .describe = describe };

static bool fill(batch_norm *self, const cd_nn_batch_norm_options *o)
{
    cd_module *m = &self->module;
    cd_shape shape = CD_SHAPE(o->features);
    return cd_register_parameter(m, "weight", &self->weight,
                                 cd_ones(shape, .dtype = o->dtype, .device = o->device)) &&
           cd_register_parameter(m, "bias", &self->bias,
                                 cd_zeros(shape, .dtype = o->dtype, .device = o->device)) &&
           cd_register_buffer(m, "running_mean", &self->running_mean,
                              cd_zeros(shape, .dtype = o->dtype, .device = o->device)) &&
           cd_register_buffer(m, "running_var", &self->running_var,
                              cd_ones(shape, .dtype = o->dtype, .device = o->device)) &&
           cd_register_buffer(m, "num_batches_tracked", &self->num_batches_tracked,
                              cd_zeros(CD_SCALAR, .dtype = CD_I64, .device = o->device));
}

cd_module *cd_nn_batch_norm2d_with(cd_nn_batch_norm_options o)
{
    if (o.features < 1 || !(o.eps >= 0) || !isfinite(o.eps) ||
        !(o.momentum >= 0 && o.momentum <= 1)) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_batch_norm2d: features is %lld, eps %g and momentum %g: they must be 1 "
                      "or more, 0 or more and finite, and in 0..1",
                      (long long)o.features, o.eps, o.momentum);
        return NULL;
    }
    if (o.dtype != CD_DTYPE_DEFAULT && !cd_dtype_is_floating(o.dtype)) {
        (void)cd_fail(CD_ERR_DTYPE, "nn_batch_norm2d: .dtype is %s, and must be floating",
                      cd_dtype_name(o.dtype));
        return NULL;
    }
    CD_SCOPE();
    batch_norm *self = (batch_norm *)cd_module_new(&batch_norm_class);
    if (!self) return NULL;
    self->options = o;
    return fill(self, &o) ? cd_escape(self) : NULL;
}
