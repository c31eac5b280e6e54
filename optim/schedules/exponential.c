/* ExponentialLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_exponential_options, member_, kind_)
static const cd_option options[] = {
    { "gamma", FIELD(gamma, REAL), .required = true },
    CD_OPTIONS_END,
};

static double exponential_rate(const cd_scheduler *s, int group, double now)
{
    (void)group;
    const cd_schedule_exponential_options *o = s->options;
    return s->step > 0 ? now * o->gamma : now;
}

const cd_scheduler_class cd_schedule_exponential_class = {
    .name = "ExponentialLR",
    .function = "schedule_exponential",
    .rate = exponential_rate,
    CD_SCHEDULER_CLASS(cd_schedule_exponential_options, options),
};

cd_scheduler *cd_schedule_exponential_with(cd_schedule_exponential_options o)
{
    return cd_scheduler_new(&cd_schedule_exponential_class, &o);
}
