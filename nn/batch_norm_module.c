/* What BatchNorm1d, BatchNorm2d and BatchNorm3d share. */
#include "nn/batch_norm_internal.h"

#include "autograd/ops_internal.h"
#include "core/error.h"
#include "core/tensor_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_nn_batch_norm_options, member_, kind_)
const cd_option cd_nn_batch_norm_option_table[] = {
    { "num_features", FIELD(features, INTEGER), .required = true, .min = 1,
      .shown = CD_SHOWN_VALUE },
    { "eps", FIELD(eps, REAL), .default_value = 1e-5 },
    { "momentum", FIELD(momentum, REAL), .default_value = 0.1, .max = 1, .text = "None",
      .none = CD_CUMULATIVE },
    { "affine", FIELD(no_affine, NEGATED) },
    { "bias", FIELD(no_bias, NEGATED) },
    { "track_running_stats", FIELD(no_tracking, NEGATED) },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

/* The weight of the new value in the running statistics. With a momentum of None they are the means
 * over all batches. */
static double momentum_of(const cd_batch_norm_module *self, bool training)
{
    const double momentum = self->options.momentum;
    if (momentum != CD_CUMULATIVE) return momentum;
    if (!training || !self->tensors.num_batches_tracked) return CD_ZERO;
    return 1 / ((double)cd_item_int(self->tensors.num_batches_tracked) + 1);
}

/* In training mode the running statistics are updated and the batch is counted, under
 * CD_NO_GRAD() too, as in PyTorch. Only evaluation mode and cd_freeze stop that. Without running
 * statistics those of the batch are used in either mode. */
bool cd_batch_norm_module_forward(cd_module *m, const cd_arguments *a, int least, int most,
                                  const char *expected)
{
    cd_batch_norm_module *self = (cd_batch_norm_module *)m;
    cd_tensor *x = a->in[0];
    if (x->shape.ndim < least || x->shape.ndim > most) {
        char text[CD_SHAPE_TEXT];
        return cd_fail(CD_ERR_SHAPE, "%s: the input is %s, and %s is expected", m->class_->name,
                       cd_shape_text(x->shape, text), expected);
    }
    const bool training = cd_is_training(m);
    const cd_batch_norm_options options = { .x = x,
                                            .weight = self->tensors.weight,
                                            .bias = self->tensors.bias,
                                            .running_mean = self->tensors.running_mean,
                                            .running_var = self->tensors.running_var,
                                            .training = training || !self->tensors.running_mean,
                                            .momentum = momentum_of(self, training),
                                            .eps = self->options.eps };
    if (!cd_ok()) return false;
    a->out[0] = cd_batch_norm_counted(options, self->tensors.num_batches_tracked);
    return a->out[0] != NULL;
}

bool cd_norm_register(cd_module *m, cd_norm_tensors *t, const cd_nn_batch_norm_options *o)
{
    cd_shape shape = CD_SHAPE(o->features);
    if (!o->no_affine &&
        !cd_register_parameter(m, "weight", &t->weight,
                               cd_ones(shape, .dtype = o->dtype, .device = o->device))) {
        return false;
    }
    if (!o->no_bias &&
        !cd_register_parameter(m, "bias", &t->bias,
                               cd_zeros(shape, .dtype = o->dtype, .device = o->device))) {
        return false;
    }
    if (o->no_tracking) return true;
    return cd_register_buffer(m, "running_mean", &t->running_mean,
                              cd_zeros(shape, .dtype = o->dtype, .device = o->device)) &&
           cd_register_buffer(m, "running_var", &t->running_var,
                              cd_ones(shape, .dtype = o->dtype, .device = o->device)) &&
           cd_register_buffer(m, "num_batches_tracked", &t->num_batches_tracked,
                              cd_zeros(CD_SCALAR, .dtype = CD_I64, .device = o->device));
}

cd_module *cd_batch_norm_module_new(const cd_module_class *class_, const char *function,
                                    cd_nn_batch_norm_options o)
{
    if (!cd_options_fill(class_->options, &o, function)) return NULL;
    o.no_bias |= o.no_affine;
    CD_SCOPE();
    cd_batch_norm_module *self = (cd_batch_norm_module *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    return cd_norm_register(&self->module, &self->tensors, &self->options) ? cd_escape(self) : NULL;
}
