/* Rprop: optim/optim.h has the formula, autograd/ops/rprop_step.c the op of its step. */
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_optim_rprop_options, member_, kind_)
static const cd_option options[] = {
    { "lr", FIELD(lr, REAL), .default_value = 1e-2 },
    { "etas[0]", FIELD(etaminus, REAL), .default_value = 0.5, .max = CD_BELOW_ONE },
    { "etas[1]", FIELD(etaplus, REAL), .default_value = 1.2, .min = CD_ABOVE_ONE },
    { "step_sizes[0]", FIELD(least_step, REAL), .default_value = 1e-6 },
    { "step_sizes[1]", FIELD(most_step, REAL), .default_value = 50 },
    { "maximize", FIELD(maximize, BOOL), .shown = CD_SHOWN_CHANGED },
    CD_OPTIONS_END,
};

static cd_step_attributes rprop_attributes(const void *given)
{
    const cd_optim_rprop_options *o = given;
    return (cd_step_attributes){ .etaminus = o->etaminus,
                                 .etaplus = o->etaplus,
                                 .least_step = o->least_step,
                                 .most_step = o->most_step,
                                 .maximize = o->maximize };
}

const cd_optimizer_class cd_optim_rprop_class = {
    .name = "Rprop",
    .function = "optim_rprop",
    .op = &cd_op_rprop_step,
    .state = { { "step", CD_STATE_COUNT },
               { "step_size", CD_STATE_LIKE },
               { "prev", CD_STATE_LIKE } },
    CD_OPTIMIZER_CLASS(cd_optim_rprop_options, options),
    .attributes = rprop_attributes,
};

cd_optimizer *cd_optim_rprop_with(cd_optim_rprop_options o)
{
    return cd_optimizer_new(&cd_optim_rprop_class, &o);
}
