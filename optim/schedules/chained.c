/* ChainedScheduler: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

static const cd_option options[] = {
    CD_OPTIONS_END,
};

static bool chained_advance(cd_scheduler *s, double metric)
{
    for (int i = 0; i < s->child_count; i++) {
        if (!cd_scheduler_advance(s->children[i], metric)) return false;
    }
    return true;
}

static bool chained_start(cd_scheduler *s)
{
    for (int i = 0; i < s->child_count; i++) {
        if (!cd_scheduler_start(s->children[i])) return false;
    }
    return true;
}

static bool chained_begin(cd_scheduler *s)
{
    cd_schedule_chained_options *o = s->options;
    const bool taken = cd_scheduler_adopt(s, o->schedules, o->count);
    o->schedules = NULL; /* the caller's array */
    return taken;
}

const cd_scheduler_class cd_schedule_chained_class = {
    .name = "ChainedScheduler",
    .function = "schedule_chained",
    .advance = chained_advance,
    .start = chained_start,
    .begin = chained_begin,
    CD_SCHEDULER_CLASS(cd_schedule_chained_options, options),
    .unwritable = true,
};

cd_scheduler *cd_schedule_chained_with(cd_schedule_chained_options o)
{
    return cd_scheduler_new(&cd_schedule_chained_class, &o);
}
