/* The padding modules, each of which calls cd_pad with its mode. */
#include <math.h>

#include "core/error.h"
#include "core/tensor_internal.h"
#include "nn/module_internal.h"
#include "nn/paddings.h"

typedef struct padding_options {
    cd_shape padding; /* two numbers for each dimension that is padded */
    double value;     /* of ConstantPad */
} padding_options;

typedef struct pad_module {
    cd_module module;
    padding_options options;
} pad_module;

static bool forward(cd_module *m, const cd_arguments *a, int dims, cd_pad_mode mode)
{
    const padding_options *o = &((const pad_module *)m)->options;
    const int ndim = a->in[0]->shape.ndim;
    char text[CD_SHAPE_TEXT];
    if (mode == CD_PAD_CONSTANT ? ndim < dims : ndim != dims + 1 && ndim != dims + 2) {
        return cd_fail(CD_ERR_SHAPE, "%s: expected %s input (got %dD input, %s)", m->class_->name,
                       mode == CD_PAD_CONSTANT
                           ? (const char *[]){ "1D or more", "2D or more", "3D or more" }[dims - 1]
                           : (const char *[]){ "2D or 3D", "3D or 4D", "4D or 5D" }[dims - 1],
                       ndim, cd_sizes_text(&a->in[0]->shape, text));
    }
    const cd_sizes sizes = { o->padding.dim, o->padding.ndim };
    a->out[0] = cd_pad(a->in[0], sizes, .mode = mode, .value = o->value);
    return a->out[0];
}

static const cd_option constant_table[] = {
    { "padding", CD_OPTION(padding_options, padding, SHAPE), .required = true, .min = -INFINITY },
    { "value", CD_OPTION(padding_options, value, REAL), .min = -INFINITY, .any = true },
    CD_OPTIONS_END,
};
static const cd_option plain_table[] = {
    { "padding", CD_OPTION(padding_options, padding, SHAPE), .required = true, .min = -INFINITY,
      .shown = CD_SHOWN_VALUE },
    CD_OPTIONS_END,
};

/* The module of these options, where one number of padding stands for all; NULL with an error. */
static cd_module *make(const cd_module_class *class_, const char *function,
                       const padding_options *options, int dims)
{
    padding_options o = *options;
    if (o.padding.ndim == 1) {
        for (int i = 1; i < 2 * dims; i++) o.padding.dim[i] = o.padding.dim[0];
        o.padding.ndim = 2 * dims;
    }
    if (o.padding.ndim != 2 * dims) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "%s: the padding has %d numbers, and must have 1 or %d: two for each of %d "
                      "dimension%s",
                      function, o.padding.ndim, 2 * dims, dims, dims == 1 ? "" : "s");
        return NULL;
    }
    if (!cd_options_fill(class_->options, &o, function)) return NULL;
    pad_module *self = (pad_module *)cd_module_new(class_);
    if (self) self->options = o;
    return (cd_module *)self;
}

static cd_module *make_from(const cd_module_class *class_, const char *function, cd_sizes sizes,
                            double value, int dims)
{
    padding_options o = { .value = value };
    o.padding.ndim = sizes.size ? sizes.count : 0;
    for (int i = 0; i < o.padding.ndim && o.padding.ndim <= 2 * dims; i++) {
        o.padding.dim[i] = sizes.size[i];
    }
    return make(class_, function, &o, dims);
}

#define CLASS(name_, printed_, mode_, dims_, table_)                                               \
    static bool name_##_forward(cd_module *m, const cd_arguments *a)                               \
    {                                                                                              \
        return forward(m, a, dims_, mode_);                                                        \
    }                                                                                              \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return make(&cd_nn_##name_##_class, "nn_" #name_, o, dims_);                               \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = {                                                \
        .name = printed_,                                                                          \
        .size = sizeof(pad_module),                                                                \
        .inputs = 1,                                                                               \
        .forward = name_##_forward,                                                                \
        CD_CLASS_OPTIONS(pad_module, options, table_),                                             \
        .make = name_##_make,                                                                      \
    };

#define CONSTANT(dims_)                                                                            \
    CLASS(constant_pad##dims_##d, "ConstantPad" #dims_ "d", CD_PAD_CONSTANT, dims_,                \
          constant_table)                                                                          \
    cd_module *cd_nn_constant_pad##dims_##d(cd_sizes padding, double value)                        \
    {                                                                                              \
        return make_from(&cd_nn_constant_pad##dims_##d_class, "nn_constant_pad" #dims_ "d",        \
                         padding, value, dims_);                                                   \
    }
#define PLAIN(name_, printed_, mode_, dims_)                                                       \
    CLASS(name_##_pad##dims_##d, printed_ #dims_ "d", mode_, dims_, plain_table)                   \
    cd_module *cd_nn_##name_##_pad##dims_##d(cd_sizes padding)                                     \
    {                                                                                              \
        return make_from(&cd_nn_##name_##_pad##dims_##d_class, "nn_" #name_ "_pad" #dims_ "d",     \
                         padding, 0, dims_);                                                       \
    }
#define PLAIN_OF_EACH(name_, printed_, mode_)                                                      \
    PLAIN(name_, printed_, mode_, 1)                                                               \
    PLAIN(name_, printed_, mode_, 2)                                                               \
    PLAIN(name_, printed_, mode_, 3)

CONSTANT(1)
CONSTANT(2)
CONSTANT(3)
PLAIN_OF_EACH(zero, "ZeroPad", CD_PAD_CONSTANT)
PLAIN_OF_EACH(reflection, "ReflectionPad", CD_PAD_REFLECT)
PLAIN_OF_EACH(replication, "ReplicationPad", CD_PAD_REPLICATE)
PLAIN_OF_EACH(circular, "CircularPad", CD_PAD_CIRCULAR)
