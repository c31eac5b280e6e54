/* StepLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_step_options, member_, kind_)
static const cd_option options[] = {
    { "step_size", FIELD(size, INTEGER), .required = true, .min = 1 },
    { "gamma", FIELD(gamma, REAL), .default_value = 0.1 },
    CD_OPTIONS_END,
};

static double step_rate(const cd_scheduler *s, int group, double now)
{
    (void)group;
    const cd_schedule_step_options *o = s->options;
    return s->step > 0 && s->step % o->size == 0 ? now * o->gamma : now;
}

const cd_scheduler_class cd_schedule_step_class = {
    .name = "StepLR",
    .function = "schedule_step",
    .rate = step_rate,
    CD_SCHEDULER_CLASS(cd_schedule_step_options, options),
};

cd_scheduler *cd_schedule_step_with(cd_schedule_step_options o)
{
    return cd_scheduler_new(&cd_schedule_step_class, &o);
}
