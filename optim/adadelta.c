/* Adadelta: optim/optim.h has the formula, autograd/ops/adadelta_step.c the op of its step. */
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_optim_adadelta_options, member_, kind_)
static const cd_option options[] = {
    { "lr", FIELD(lr, REAL), .default_value = 1 },
    { "rho", FIELD(rho, REAL), .default_value = 0.9, .max = 1 },
    { "eps", FIELD(eps, REAL), .default_value = 1e-6 },
    { "weight_decay", FIELD(weight_decay, REAL) },
    { "maximize", FIELD(maximize, BOOL), .shown = CD_SHOWN_CHANGED },
    CD_OPTIONS_END,
};

static cd_step_attributes adadelta_attributes(const void *given)
{
    const cd_optim_adadelta_options *o = given;
    return (cd_step_attributes){
        .beta2 = o->rho, .eps = o->eps, .weight_decay = o->weight_decay, .maximize = o->maximize
    };
}

const cd_optimizer_class cd_optim_adadelta_class = {
    .name = "Adadelta",
    .function = "optim_adadelta",
    .op = &cd_op_adadelta_step,
    .state = { { "step", CD_STATE_COUNT },
               { "square_avg", CD_STATE_LIKE },
               { "acc_delta", CD_STATE_LIKE } },
    CD_OPTIMIZER_CLASS(cd_optim_adadelta_options, options),
    .attributes = adadelta_attributes,
};

cd_optimizer *cd_optim_adadelta_with(cd_optim_adadelta_options o)
{
    return cd_optimizer_new(&cd_optim_adadelta_class, &o);
}
