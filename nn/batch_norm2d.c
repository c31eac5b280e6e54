/* torch.nn.BatchNorm2d: batch normalisation of images, per channel. */
#include "autograd/ops_internal.h"
#include "core/error.h"
#include "core/tensor_internal.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct batch_norm2d {
    cd_module module;
    cd_tensor *weight, *bias, *running_mean, *running_var, *num_batches_tracked;
    cd_nn_batch_norm_options options;
} batch_norm2d;

/* In training mode the running statistics are updated and the batch is counted, under CD_NO_GRAD()
 * too, as in PyTorch. Only evaluation mode and cd_freeze stop that. */
static bool batch_norm2d_forward(cd_module *m, const cd_arguments *a)
{
    batch_norm2d *self = (batch_norm2d *)m;
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
                                            .training = cd_is_training(m),
                                            .momentum = self->options.momentum,
                                            .eps = self->options.eps };
    a->out[0] = cd_batch_norm_counted(options, self->num_batches_tracked);
    return a->out[0] != NULL;
}

static bool register_tensors(batch_norm2d *self)
{
    cd_module *m = &self->module;
    const cd_nn_batch_norm_options *o = &self->options;
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

#define FIELD(member_, kind_) CD_OPTION(cd_nn_batch_norm_options, member_, kind_)
static const cd_option options[] = {
    { "num_features", FIELD(features, INTEGER), .required = true, .min = 1,
      .shown = CD_SHOWN_VALUE },
    { "eps", FIELD(eps, REAL), .default_value = 1e-5 },
    { "momentum", FIELD(momentum, REAL), .default_value = 0.1, .max = 1 },
    { "affine", .kind = CD_OPTION_CONSTANT, .text = "True" },
    { "bias", .kind = CD_OPTION_CONSTANT, .text = "True" },
    { "track_running_stats", .kind = CD_OPTION_CONSTANT, .text = "True" },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *batch_norm2d_make(const void *o)
{
    return cd_nn_batch_norm2d_with(*(const cd_nn_batch_norm_options *)o);
}

const cd_module_class cd_nn_batch_norm2d_class = { .name = "BatchNorm2d",
                                                   .size = sizeof(batch_norm2d),
                                                   .inputs = 1,
                                                   .forward = batch_norm2d_forward,
                                                   CD_CLASS_OPTIONS(batch_norm2d, options, options),
                                                   .make = batch_norm2d_make };

cd_module *cd_nn_batch_norm2d_with(cd_nn_batch_norm_options o)
{
    if (!cd_options_fill(options, &o, "nn_batch_norm2d")) return NULL;
    CD_SCOPE();
    batch_norm2d *self = (batch_norm2d *)cd_module_new(&cd_nn_batch_norm2d_class);
    if (!self) return NULL;
    self->options = o;
    return register_tensors(self) ? cd_escape(self) : NULL;
}
