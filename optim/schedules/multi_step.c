/* MultiStepLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_multi_step_options, member_, kind_)
static const cd_option options[] = {
    { "milestones", FIELD(milestones, SIZES),
      .count_offset = offsetof(cd_schedule_multi_step_options, count), .required = true },
    { "gamma", FIELD(gamma, REAL), .default_value = 0.1 },
    CD_OPTIONS_END,
};

static double multi_step_rate(const cd_scheduler *s, int group, double now)
{
    (void)group;
    const cd_schedule_multi_step_options *o = s->options;
    for (int i = 0; i < o->count; i++) {
        if (s->milestones[i] == s->step) now *= o->gamma;
    }
    return now;
}

static bool multi_step_begin(cd_scheduler *s)
{
    cd_schedule_multi_step_options *o = s->options;
    if (!cd_scheduler_copy_milestones(s, o->milestones, o->count, false)) return false;
    o->milestones = s->milestones;
    return true;
}

const cd_scheduler_class cd_schedule_multi_step_class = {
    .name = "MultiStepLR",
    .function = "schedule_multi_step",
    .rate = multi_step_rate,
    .begin = multi_step_begin,
    CD_SCHEDULER_CLASS(cd_schedule_multi_step_options, options),
};

cd_scheduler *cd_schedule_multi_step_with(cd_schedule_multi_step_options o)
{
    return cd_scheduler_new(&cd_schedule_multi_step_class, &o);
}
