/* NAdam: optim/optim.h has the formula, autograd/ops/nadam_step.c the op of its step. */
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_optim_nadam_options, member_, kind_)
static const cd_option options[] = {
    { "lr", FIELD(lr, REAL), .default_value = 2e-3 },
    { "betas[0]", FIELD(beta1, REAL), .default_value = 0.9, .max = CD_BELOW_ONE },
    { "betas[1]", FIELD(beta2, REAL), .default_value = 0.999, .max = CD_BELOW_ONE },
    { "eps", FIELD(eps, REAL), .default_value = 1e-8 },
    { "weight_decay", FIELD(weight_decay, REAL) },
    { "momentum_decay", FIELD(momentum_decay, REAL), .default_value = 4e-3 },
    { "decoupled_weight_decay", FIELD(decoupled_weight_decay, BOOL) },
    { "maximize", FIELD(maximize, BOOL), .shown = CD_SHOWN_CHANGED },
    CD_OPTIONS_END,
};

static cd_step_attributes nadam_attributes(const void *given)
{
    const cd_optim_nadam_options *o = given;
    return (cd_step_attributes){ .beta2 = o->beta2,
                                 .eps = o->eps,
                                 .weight_decay = o->weight_decay,
                                 .momentum_decay = o->momentum_decay,
                                 .maximize = o->maximize,
                                 .decoupled = o->decoupled_weight_decay };
}

const cd_optimizer_class cd_optim_nadam_class = {
    .name = "NAdam",
    .function = "optim_nadam",
    .op = &cd_op_nadam_step,
    .state = { { "step", CD_STATE_COUNT },
               { "exp_avg", CD_STATE_LIKE },
               { "exp_avg_sq", CD_STATE_LIKE },
               { "mu_product", CD_STATE_ONE } },
    CD_OPTIMIZER_CLASS(cd_optim_nadam_options, options),
    .momentum_at = offsetof(cd_optim_nadam_options, beta1),
    .attributes = nadam_attributes,
};

cd_optimizer *cd_optim_nadam_with(cd_optim_nadam_options o)
{
    return cd_optimizer_new(&cd_optim_nadam_class, &o);
}
