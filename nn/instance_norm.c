/* torch.nn.InstanceNorm1d, InstanceNorm2d and InstanceNorm3d. */
#include "core/error_internal.h"
#include "core/tensor_internal.h"
#include "nn/batch_norm_internal.h"

typedef struct instance_norm {
    cd_module module;
    cd_norm_tensors tensors;
    cd_nn_instance_norm_options options;
} instance_norm;

/* The input has `dims` dimensions without a batch, and then the channels are the first. False with
 * an error, or where nothing depends on the number of channels only a warning. */
static bool check_input(const instance_norm *self, const cd_tensor *x, int dims)
{
    const char *name = self->module.class_->name;
    char text[CD_SHAPE_TEXT];
    if (x->shape.ndim != dims && x->shape.ndim != dims + 1) {
        return cd_fail(CD_ERR_SHAPE, "%s: expected %dD or %dD input (got %dD input, %s)", name,
                       dims, dims + 1, x->shape.ndim, cd_sizes_text(&x->shape, text));
    }
    const int channel = x->shape.ndim - dims;
    if (x->shape.dim[channel] == self->options.features) return true;
    if (self->options.affine) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: expected input's size at dim=%d to match num_features (%lld), but got: "
                       "%lld",
                       name, channel, (long long)self->options.features,
                       (long long)x->shape.dim[channel]);
    }
    cd_log_line(CD_LOG_WARNING,
                "%s: the input's size at dim=%d is %lld and does not match num_features, %lld, "
                "which is not used without .affine",
                name, channel, (long long)x->shape.dim[channel], (long long)self->options.features);
    return true;
}

static bool forward(cd_module *m, const cd_arguments *a, int dims)
{
    const instance_norm *self = (const instance_norm *)m;
    const cd_norm_tensors *t = &self->tensors;
    cd_tensor *x = a->in[0];
    if (!check_input(self, x, dims)) return false;
    const bool single = x->shape.ndim == dims;
    const double momentum = self->options.momentum;
    cd_tensor *y = cd_instance_norm(
        single ? cd_unsqueeze(x, 0) : x, .running_mean = t->running_mean,
        .running_var = t->running_var, .weight = t->weight, .bias = t->bias,
        .no_input_stats = self->options.tracking && !cd_is_training(m),
        .momentum = momentum == CD_CUMULATIVE ? CD_ZERO : momentum, .eps = self->options.eps);
    a->out[0] = single && y ? cd_squeeze(y, 0) : y;
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_instance_norm_options, member_, kind_)
static const cd_option options[] = {
    { "num_features", FIELD(features, INTEGER), .required = true, .min = 1,
      .shown = CD_SHOWN_VALUE },
    { "eps", FIELD(eps, REAL), .default_value = 1e-5 },
    { "momentum", FIELD(momentum, REAL), .default_value = 0.1, .max = 1, .text = "None",
      .none = CD_CUMULATIVE },
    { "affine", FIELD(affine, BOOL) },
    { "bias", FIELD(no_bias, NEGATED) },
    { "track_running_stats", FIELD(tracking, BOOL) },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *make(const cd_module_class *class_, const char *function,
                       cd_nn_instance_norm_options o)
{
    if (!cd_options_fill(options, &o, function)) return NULL;
    o.no_bias |= !o.affine;
    const cd_nn_batch_norm_options tensors = { .features = o.features,
                                               .no_affine = !o.affine,
                                               .no_bias = o.no_bias,
                                               .no_tracking = !o.tracking,
                                               .dtype = o.dtype,
                                               .device = o.device };
    CD_SCOPE();
    instance_norm *self = (instance_norm *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    return cd_norm_register(&self->module, &self->tensors, &tensors) ? cd_escape(self) : NULL;
}

/* dims_: of an input without a batch */
#define CLASS(name_, printed_, dims_)                                                              \
    static bool name_##_forward(cd_module *m, const cd_arguments *a)                               \
    {                                                                                              \
        return forward(m, a, dims_);                                                               \
    }                                                                                              \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return cd_nn_##name_##_with(*(const cd_nn_instance_norm_options *)o);                      \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = {                                                \
        .name = printed_,                                                                          \
        .size = sizeof(instance_norm),                                                             \
        .inputs = 1,                                                                               \
        .forward = name_##_forward,                                                                \
        CD_CLASS_OPTIONS(instance_norm, options, options),                                         \
        .make = name_##_make,                                                                      \
    };                                                                                             \
    cd_module *cd_nn_##name_##_with(cd_nn_instance_norm_options o)                                 \
    {                                                                                              \
        return make(&cd_nn_##name_##_class, "nn_" #name_, o);                                      \
    }

CLASS(instance_norm1d, "InstanceNorm1d", 2)
CLASS(instance_norm2d, "InstanceNorm2d", 3)
CLASS(instance_norm3d, "InstanceNorm3d", 4)
