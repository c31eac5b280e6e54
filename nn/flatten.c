/* torch.nn.Flatten: merges neighbouring dimensions. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct flatten {
    cd_module module;
    cd_nn_flatten_options options;
} flatten;

static bool flatten_forward(cd_module *m, const cd_arguments *a)
{
    const cd_nn_flatten_options *o = &((const flatten *)m)->options;
    a->out[0] = cd_flatten(a->in[0], (int)o->start_dim, (int)o->end_dim);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_flatten_options, member_, kind_)
static const cd_option options[] = {
    { "start_dim", FIELD(start_dim, REAL), .whole = true, .default_value = 1, .min = -CD_MAX_DIMS,
      .max = CD_MAX_DIMS },
    { "end_dim", FIELD(end_dim, REAL), .whole = true, .default_value = -1, .min = -CD_MAX_DIMS,
      .max = CD_MAX_DIMS },
    CD_OPTIONS_END,
};

static cd_module *flatten_make(const void *o)
{
    return cd_nn_flatten_with(*(const cd_nn_flatten_options *)o);
}

const cd_module_class cd_nn_flatten_class = { .name = "Flatten",
                                              .size = sizeof(flatten),
                                              .inputs = 1,
                                              .forward = flatten_forward,
                                              CD_CLASS_OPTIONS(flatten, options, options),
                                              .make = flatten_make };

cd_module *cd_nn_flatten_with(cd_nn_flatten_options o)
{
    if (o.x) {
        (void)cd_fail(CD_ERR_ARGUMENT, "nn_flatten: .x is for the function cd_flatten: a module "
                                       "gets its input from cd_forward");
        return NULL;
    }
    if (!cd_options_fill(options, &o, "nn_flatten")) return NULL;
    flatten *self = (flatten *)cd_module_new(&cd_nn_flatten_class);
    if (self) self->options = o;
    return (cd_module *)self;
}
