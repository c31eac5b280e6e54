/* SequentialLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

static const cd_option options[] = {
    CD_OPTIONS_END,
};

/* The number of the schedule that makes step t. */
static int schedule_at(const cd_scheduler *s, int64_t t)
{
    int i = 0;
    while (i < s->child_count - 1 && s->milestones[i] <= t) i++;
    return i;
}

static bool sequential_advance(cd_scheduler *s, double metric)
{
    const int i = schedule_at(s, s->step);
    if (i > 0 && s->milestones[i - 1] == s->step) return cd_scheduler_follow(s->children[i]);
    return cd_scheduler_advance(s->children[i], metric);
}

static bool sequential_start(cd_scheduler *s)
{
    return cd_scheduler_start(s->children[schedule_at(s, 0)]);
}

static bool sequential_begin(cd_scheduler *s)
{
    cd_schedule_sequential_options *o = s->options;
    const bool taken = cd_scheduler_adopt(s, o->schedules, o->count) &&
                       cd_scheduler_copy_milestones(s, o->milestones, o->count - 1, true);
    o->schedules = NULL; /* the caller's arrays */
    o->milestones = NULL;
    return taken && cd_scheduler_restart(s);
}

const cd_scheduler_class cd_schedule_sequential_class = {
    .name = "SequentialLR",
    .function = "schedule_sequential",
    .advance = sequential_advance,
    .start = sequential_start,
    .begin = sequential_begin,
    CD_SCHEDULER_CLASS(cd_schedule_sequential_options, options),
    .unwritable = true,
};

cd_scheduler *cd_schedule_sequential_with(cd_schedule_sequential_options o)
{
    return cd_scheduler_new(&cd_schedule_sequential_class, &o);
}
