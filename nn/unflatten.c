/* torch.nn.Unflatten: gives one dimension several sizes. */
#include "autograd/shape_ops.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct own_options {
    int64_t dim;
    cd_shape sizes;
} own_options;

typedef struct unflatten {
    cd_module module;
    own_options options;
} unflatten;

static bool unflatten_forward(cd_module *m, const cd_arguments *a)
{
    const own_options *o = &((const unflatten *)m)->options;
    a->out[0] = cd_unflatten(a->in[0], (int)o->dim, o->sizes);
    return a->out[0];
}

static const cd_option options[] = {
    { "dim", CD_OPTION(own_options, dim, INTEGER), .required = true, .min = -CD_MAX_DIMS,
      .max = CD_MAX_DIMS },
    { "unflattened_size", CD_OPTION(own_options, sizes, SHAPE), .required = true, .min = -1 },
    CD_OPTIONS_END,
};

static cd_module *unflatten_make(const void *o_)
{
    const own_options *o = o_;
    return cd_nn_unflatten(o->dim, o->sizes);
}

const cd_module_class cd_nn_unflatten_class = { .name = "Unflatten",
                                                .size = sizeof(unflatten),
                                                .inputs = 1,
                                                .forward = unflatten_forward,
                                                CD_CLASS_OPTIONS(unflatten, options, options),
                                                .make = unflatten_make };

cd_module *cd_nn_unflatten(int64_t dim, cd_shape sizes)
{
    own_options o = { .dim = dim, .sizes = sizes };
    if (!cd_options_fill(options, &o, "nn_unflatten")) return NULL;
    unflatten *self = (unflatten *)cd_module_new(&cd_nn_unflatten_class);
    if (self) self->options = o;
    return (cd_module *)self;
}
