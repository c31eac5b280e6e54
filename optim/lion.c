/* Lion: optim/optim.h has the formula, autograd/ops/lion_step.c the op of its step. */
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_optim_lion_options, member_, kind_)
static const cd_option options[] = {
    { "lr", FIELD(lr, REAL), .default_value = 1e-4 },
    { "betas[0]", FIELD(beta1, REAL), .default_value = 0.9, .max = 1 },
    { "betas[1]", FIELD(beta2, REAL), .default_value = 0.99, .max = 1 },
    { "weight_decay", FIELD(weight_decay, REAL) },
    { "maximize", FIELD(maximize, BOOL), .shown = CD_SHOWN_CHANGED },
    CD_OPTIONS_END,
};

static cd_step_attributes lion_attributes(const void *given)
{
    const cd_optim_lion_options *o = given;
    return (cd_step_attributes){ .beta2 = o->beta2,
                                 .weight_decay = o->weight_decay,
                                 .maximize = o->maximize,
                                 .decoupled = true };
}

const cd_optimizer_class cd_optim_lion_class = {
    .name = "Lion",
    .function = "optim_lion",
    .op = &cd_op_lion_step,
    .state = { { "step", CD_STATE_COUNT }, { "exp_avg", CD_STATE_LIKE } },
    CD_OPTIMIZER_CLASS(cd_optim_lion_options, options),
    .momentum_at = offsetof(cd_optim_lion_options, beta1),
    .attributes = lion_attributes,
};

cd_optimizer *cd_optim_lion_with(cd_optim_lion_options o)
{
    return cd_optimizer_new(&cd_optim_lion_class, &o);
}
