/* Stochastic gradient descent. optim/optim.h has the formula, autograd/ops/sgd_step.c the op. */
#include <math.h>

#include "core/error.h"
#include "optim/optimizer_internal.h"

typedef struct sgd {
    cd_optimizer optimizer;
    cd_optim_sgd_options options;
    cd_sgd_attributes attributes;
} sgd;

/* Without momentum there is no buffer to keep from step to step. */
static bool has_state(const cd_optimizer *o)
{
    return ((const sgd *)o)->options.momentum != 0;
}

#define FIELD(member_, kind_) CD_OPTION(cd_optim_sgd_options, member_, kind_)
static const cd_option options[] = {
    { "lr", FIELD(lr, REAL), .default_value = 1e-3 },
    { "momentum", FIELD(momentum, REAL) },
    { "dampening", FIELD(dampening, REAL), .min = -INFINITY },
    { "weight_decay", FIELD(weight_decay, REAL) },
    { "nesterov", FIELD(nesterov, BOOL) },
    CD_OPTIONS_END,
};

static cd_optimizer *sgd_make(cd_module *module, const void *given)
{
    cd_optim_sgd_options o = *(const cd_optim_sgd_options *)given;
    o.module = module;
    return cd_optim_sgd_with(o);
}

const cd_optimizer_class cd_optim_sgd_class = {
    .name = "SGD",
    .size = sizeof(sgd),
    .op = &cd_op_sgd_step,
    .attributes_at = offsetof(sgd, attributes),
    .state = { { "momentum", CD_STATE_LIKE }, { "started", CD_STATE_FLAG } },
    .has_state = has_state,
    CD_CLASS_OPTIONS(sgd, options, options),
    .make = sgd_make,
};

cd_optimizer *cd_optim_sgd_with(cd_optim_sgd_options o)
{
    if (!cd_options_fill(options, &o, "optim_sgd")) return NULL;
    if (o.nesterov && (o.momentum == 0 || o.dampening != 0)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "optim_sgd: .nesterov needs a .momentum and no .dampening");
        return NULL;
    }
    sgd *self = (sgd *)cd_optimizer_new(&cd_optim_sgd_class, "optim_sgd", o.lr, o.module, o.tensors,
                                        o.count);
    if (!self) return NULL;
    self->options = o;
    /* Not owned: the optimizer owns the parameters only. Its class's `make` gets others. */
    self->options.module = NULL;
    self->options.tensors = NULL;
    self->options.count = 0;
    self->attributes = (cd_sgd_attributes){ .momentum = o.momentum,
                                            .dampening = o.dampening,
                                            .weight_decay = o.weight_decay,
                                            .nesterov = o.nesterov };
    return cd_hand(self);
}
