/* CyclicLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_cyclic_options, member_, kind_)
static const cd_option options[] = {
    { "base_lr", FIELD(base_lr, REAL), .required = true },
    { "max_lr", FIELD(max_lr, REAL), .required = true },
    { "step_size_up", FIELD(size_up, INTEGER), .default_value = 2000, .min = 1 },
    { "step_size_down", FIELD(size_down, INTEGER), .min = 0 },
    { "mode", FIELD(mode, INTEGER), .max = CD_EXP_RANGE },
    { "gamma", FIELD(gamma, REAL), .default_value = 1 },
    { "cycle_momentum", FIELD(no_cycle_momentum, NEGATED) },
    { "base_momentum", FIELD(base_momentum, REAL), .default_value = 0.8 },
    { "max_momentum", FIELD(max_momentum, REAL), .default_value = 0.9 },
    CD_OPTIONS_END,
};

/* How far the rate is on its way from base_lr to max_lr, 0 to 1. */
static double height(const cd_scheduler *s)
{
    const cd_schedule_cyclic_options *o = s->options;
    const double up = (double)o->size_up, down = (double)(o->size_down ? o->size_down : o->size_up);
    const double cycle = floor(1 + (double)s->step / (up + down));
    const double x = 1 + (double)s->step / (up + down) - cycle, ratio = up / (up + down);
    const double part = x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
    switch ((cd_cyclic_mode)o->mode) {
    case CD_TRIANGULAR2:
        return part / pow(2, cycle - 1);
    case CD_EXP_RANGE:
        return part * pow(o->gamma, (double)s->step);
    default:
        return part;
    }
}

static double cyclic_rate(const cd_scheduler *s, int group, double now)
{
    (void)group;
    (void)now;
    const cd_schedule_cyclic_options *o = s->options;
    return o->base_lr + (o->max_lr - o->base_lr) * height(s);
}

static double cyclic_momentum(const cd_scheduler *s, int group)
{
    const cd_schedule_cyclic_options *o = s->options;
    if (o->no_cycle_momentum) return cd_optimizer_momentum(s->optimizer, group);
    return o->max_momentum - (o->max_momentum - o->base_momentum) * height(s);
}

static bool cyclic_begin(cd_scheduler *s)
{
    const cd_schedule_cyclic_options *o = s->options;
    for (int g = 0; g < s->groups; g++) s->base[g] = o->base_lr;
    return o->no_cycle_momentum || cd_scheduler_check_momentum(s);
}

const cd_scheduler_class cd_schedule_cyclic_class = {
    .name = "CyclicLR",
    .function = "schedule_cyclic",
    .rate = cyclic_rate,
    .momentum = cyclic_momentum,
    .begin = cyclic_begin,
    CD_SCHEDULER_CLASS(cd_schedule_cyclic_options, options),
};

cd_scheduler *cd_schedule_cyclic_with(cd_schedule_cyclic_options o)
{
    return cd_scheduler_new(&cd_schedule_cyclic_class, &o);
}
