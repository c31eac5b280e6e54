/* RAdam: optim/optim.h has the formula, autograd/ops/radam_step.c the op of its step. */
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_optim_radam_options, member_, kind_)
static const cd_option options[] = {
    { "lr", FIELD(lr, REAL), .default_value = 1e-3 },
    { "betas[0]", FIELD(beta1, REAL), .default_value = 0.9, .max = CD_BELOW_ONE },
    { "betas[1]", FIELD(beta2, REAL), .default_value = 0.999, .max = CD_BELOW_ONE },
    { "eps", FIELD(eps, REAL), .default_value = 1e-8 },
    { "weight_decay", FIELD(weight_decay, REAL) },
    { "decoupled_weight_decay", FIELD(decoupled_weight_decay, BOOL) },
    { "maximize", FIELD(maximize, BOOL), .shown = CD_SHOWN_CHANGED },
    CD_OPTIONS_END,
};

static cd_step_attributes radam_attributes(const void *given)
{
    const cd_optim_radam_options *o = given;
    return (cd_step_attributes){ .beta2 = o->beta2,
                                 .eps = o->eps,
                                 .weight_decay = o->weight_decay,
                                 .maximize = o->maximize,
                                 .decoupled = o->decoupled_weight_decay };
}

const cd_optimizer_class cd_optim_radam_class = {
    .name = "RAdam",
    .function = "optim_radam",
    .op = &cd_op_radam_step,
    .state = { { "step", CD_STATE_COUNT },
               { "exp_avg", CD_STATE_LIKE },
               { "exp_avg_sq", CD_STATE_LIKE } },
    CD_OPTIMIZER_CLASS(cd_optim_radam_options, options),
    .momentum_at = offsetof(cd_optim_radam_options, beta1),
    .attributes = radam_attributes,
};

cd_optimizer *cd_optim_radam_with(cd_optim_radam_options o)
{
    return cd_optimizer_new(&cd_optim_radam_class, &o);
}
