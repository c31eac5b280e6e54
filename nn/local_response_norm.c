/* torch.nn.LocalResponseNorm. */
#include <math.h>

#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

typedef struct local_response_norm {
    cd_module module;
    cd_local_response_norm_options options;
} local_response_norm;

static bool local_response_norm_forward(cd_module *m, const cd_arguments *a)
{
    cd_local_response_norm_options o = ((const local_response_norm *)m)->options;
    o.x = a->in[0];
    a->out[0] = cd_local_response_norm_with(o);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(cd_local_response_norm_options, member_, kind_)
static const cd_option options[] = {
    { "size", FIELD(size, INTEGER), .required = true, .min = 1, .shown = CD_SHOWN_VALUE },
    { "alpha", FIELD(alpha, REAL), .default_value = 1e-4, .min = -INFINITY },
    { "beta", FIELD(beta, REAL), .default_value = 0.75, .min = -INFINITY },
    { "k", FIELD(k, REAL), .default_value = 1, .min = -INFINITY },
    CD_OPTIONS_END,
};

static cd_module *local_response_norm_make(const void *o)
{
    return cd_nn_local_response_norm_with(*(const cd_local_response_norm_options *)o);
}

const cd_module_class cd_nn_local_response_norm_class = { .name = "LocalResponseNorm",
                                                          .size = sizeof(local_response_norm),
                                                          .inputs = 1,
                                                          .forward = local_response_norm_forward,
                                                          CD_CLASS_OPTIONS(local_response_norm,
                                                                           options, options),
                                                          .make = local_response_norm_make };

cd_module *cd_nn_local_response_norm_with(cd_local_response_norm_options o)
{
    if (o.x) {
        (void)cd_fail(CD_ERR_ARGUMENT, "nn_local_response_norm: .x is for the function "
                                       "cd_local_response_norm: a module gets its input from "
                                       "cd_forward");
        return NULL;
    }
    if (!cd_options_fill(options, &o, "nn_local_response_norm")) return NULL;
    local_response_norm *self =
        (local_response_norm *)cd_module_new(&cd_nn_local_response_norm_class);
    if (self) self->options = o;
    return (cd_module *)self;
}
