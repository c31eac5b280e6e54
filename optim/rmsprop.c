/* RMSprop: optim/optim.h has the formula, autograd/ops/rmsprop_step.c the op of its step. */
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_optim_rmsprop_options, member_, kind_)
static const cd_option options[] = {
    { "lr", FIELD(lr, REAL), .default_value = 1e-2 },
    { "alpha", FIELD(alpha, REAL), .default_value = 0.99 },
    { "eps", FIELD(eps, REAL), .default_value = 1e-8 },
    { "weight_decay", FIELD(weight_decay, REAL) },
    { "momentum", FIELD(momentum, REAL) },
    { "centered", FIELD(centered, BOOL) },
    { "maximize", FIELD(maximize, BOOL), .shown = CD_SHOWN_CHANGED },
    CD_OPTIONS_END,
};

static unsigned rmsprop_needs(const void *given)
{
    enum { BUFFER = 2, MEAN };
    const cd_optim_rmsprop_options *o = given;
    return CD_EVERY_STATE & ~(o->momentum != 0 ? 0 : CD_SET(BUFFER)) &
           ~(o->centered ? 0 : CD_SET(MEAN));
}

static cd_step_attributes rmsprop_attributes(const void *given)
{
    const cd_optim_rmsprop_options *o = given;
    return (cd_step_attributes){
        .beta2 = o->alpha, .eps = o->eps, .weight_decay = o->weight_decay, .maximize = o->maximize
    };
}

const cd_optimizer_class cd_optim_rmsprop_class = {
    .name = "RMSprop",
    .function = "optim_rmsprop",
    .op = &cd_op_rmsprop_step,
    .state = { { "step", CD_STATE_COUNT },
               { "square_avg", CD_STATE_LIKE },
               { "momentum_buffer", CD_STATE_LIKE },
               { "grad_avg", CD_STATE_LIKE } },
    .needs = rmsprop_needs,
    CD_OPTIMIZER_CLASS(cd_optim_rmsprop_options, options),
    .momentum_at = offsetof(cd_optim_rmsprop_options, momentum),
    .attributes = rmsprop_attributes,
};

cd_optimizer *cd_optim_rmsprop_with(cd_optim_rmsprop_options o)
{
    return cd_optimizer_new(&cd_optim_rmsprop_class, &o);
}
