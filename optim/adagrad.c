/* Adagrad: optim/optim.h has the formula, autograd/ops/adagrad_step.c the op of its step. */
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_optim_adagrad_options, member_, kind_)
static const cd_option options[] = {
    { "lr", FIELD(lr, REAL), .default_value = 1e-2 },
    { "lr_decay", FIELD(lr_decay, REAL) },
    { "weight_decay", FIELD(weight_decay, REAL) },
    { "initial_accumulator_value", FIELD(initial_sum, REAL) },
    { "eps", FIELD(eps, REAL), .default_value = 1e-10 },
    { "maximize", FIELD(maximize, BOOL), .shown = CD_SHOWN_CHANGED },
    CD_OPTIONS_END,
};

static cd_step_attributes adagrad_attributes(const void *given)
{
    const cd_optim_adagrad_options *o = given;
    return (cd_step_attributes){ .eps = o->eps,
                                 .lr_decay = o->lr_decay,
                                 .weight_decay = o->weight_decay,
                                 .maximize = o->maximize };
}

const cd_optimizer_class cd_optim_adagrad_class = {
    .name = "Adagrad",
    .function = "optim_adagrad",
    .op = &cd_op_adagrad_step,
    .state = { { "step", CD_STATE_COUNT }, { "sum", CD_STATE_LIKE } },
    CD_OPTIMIZER_CLASS(cd_optim_adagrad_options, options),
    .initial_at = offsetof(cd_optim_adagrad_options, initial_sum),
    .attributes = adagrad_attributes,
};

cd_optimizer *cd_optim_adagrad_with(cd_optim_adagrad_options o)
{
    return cd_optimizer_new(&cd_optim_adagrad_class, &o);
}
