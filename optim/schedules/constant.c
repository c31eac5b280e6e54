/* ConstantLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_constant_options, member_, kind_)
static const cd_option options[] = {
    { "factor", FIELD(factor, REAL), .default_value = 1.0 / 3, .max = 1 },
    { "total_iters", FIELD(steps, INTEGER), .default_value = 5, .min = 1 },
    CD_OPTIONS_END,
};

static double constant_rate(const cd_scheduler *s, int group, double now)
{
    (void)group;
    const cd_schedule_constant_options *o = s->options;
    if (s->step == 0) return now * o->factor;
    return s->step == o->steps ? now * (1 / o->factor) : now;
}

const cd_scheduler_class cd_schedule_constant_class = {
    .name = "ConstantLR",
    .function = "schedule_constant",
    .rate = constant_rate,
    CD_SCHEDULER_CLASS(cd_schedule_constant_options, options),
};

cd_scheduler *cd_schedule_constant_with(cd_schedule_constant_options o)
{
    return cd_scheduler_new(&cd_schedule_constant_class, &o);
}
