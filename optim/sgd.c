/* Stochastic gradient descent: optim/optim.h has the formula, autograd/ops/sgd_step.c the op of its
 * step. */
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_optim_sgd_options, member_, kind_)
static const cd_option options[] = {
    { "lr", FIELD(lr, REAL), .default_value = 1e-3 },
    { "momentum", FIELD(momentum, REAL) },
    { "dampening", FIELD(dampening, REAL), .min = -INFINITY },
    { "weight_decay", FIELD(weight_decay, REAL) },
    { "nesterov", FIELD(nesterov, BOOL) },
    { "maximize", FIELD(maximize, BOOL), .shown = CD_SHOWN_CHANGED },
    CD_OPTIONS_END,
};

/* Without momentum there is nothing to remember from step to step. */
static unsigned sgd_needs(const void *given)
{
    return ((const cd_optim_sgd_options *)given)->momentum != 0 ? CD_EVERY_STATE : 0;
}

static bool sgd_check(const void *given)
{
    const cd_optim_sgd_options *o = given;
    return !o->nesterov || (o->momentum != 0 && o->dampening == 0) ||
           cd_fail(CD_ERR_ARGUMENT, "optim_sgd: .nesterov needs a .momentum and no .dampening");
}

static cd_step_attributes sgd_attributes(const void *given)
{
    const cd_optim_sgd_options *o = given;
    return (cd_step_attributes){ .dampening = o->dampening,
                                 .weight_decay = o->weight_decay,
                                 .nesterov = o->nesterov,
                                 .maximize = o->maximize };
}

const cd_optimizer_class cd_optim_sgd_class = {
    .name = "SGD",
    .function = "optim_sgd",
    .op = &cd_op_sgd_step,
    .state = { { "step", CD_STATE_COUNT }, { "momentum_buffer", CD_STATE_LIKE } },
    .needs = sgd_needs,
    CD_OPTIMIZER_CLASS(cd_optim_sgd_options, options),
    .momentum_at = offsetof(cd_optim_sgd_options, momentum),
    .check = sgd_check,
    .attributes = sgd_attributes,
};

cd_optimizer *cd_optim_sgd_with(cd_optim_sgd_options o)
{
    return cd_optimizer_new(&cd_optim_sgd_class, &o);
}
