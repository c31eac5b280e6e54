/* MultiplicativeLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

static const cd_option options[] = {
    CD_OPTIONS_END,
};

static double multiplicative_rate(const cd_scheduler *s, int group, double now)
{
    (void)group;
    const cd_schedule_multiplicative_options *o = s->options;
    return s->step > 0 ? now * o->function(s->step, o->user) : now;
}

static double multiplicative_rate_behind(const cd_scheduler *s, int group, double now)
{
    (void)group;
    const cd_schedule_multiplicative_options *o = s->options;
    return now * o->function(0, o->user);
}

static bool multiplicative_begin(cd_scheduler *s)
{
    const cd_schedule_multiplicative_options *o = s->options;
    return o->function || cd_fail(CD_ERR_ARGUMENT, "schedule_multiplicative: the function is NULL");
}

const cd_scheduler_class cd_schedule_multiplicative_class = {
    .name = "MultiplicativeLR",
    .function = "schedule_multiplicative",
    .rate = multiplicative_rate,
    .rate_behind = multiplicative_rate_behind,
    .begin = multiplicative_begin,
    CD_SCHEDULER_CLASS(cd_schedule_multiplicative_options, options),
    .unwritable = true,
};

cd_scheduler *cd_schedule_multiplicative_with(cd_schedule_multiplicative_options o)
{
    return cd_scheduler_new(&cd_schedule_multiplicative_class, &o);
}
