/* LinearLR: optim/schedule.h has the formula. */
#include <math.h>

#include "optim/scheduler_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_linear_options, member_, kind_)
static const cd_option options[] = {
    { "start_factor", FIELD(start_factor, REAL), .default_value = 1.0 / 3, .min = CD_ABOVE_ZERO,
      .max = 1 },
    { "end_factor", FIELD(end_factor, REAL), .default_value = 1, .max = 1 },
    { "total_iters", FIELD(steps, INTEGER), .default_value = 5, .min = 1 },
    CD_OPTIONS_END,
};

static double linear_rate(const cd_scheduler *s, int group, double now)
{
    (void)group;
    const cd_schedule_linear_options *o = s->options;
    const double way = o->end_factor - o->start_factor, steps = (double)o->steps;
    if (s->step == 0) return now * o->start_factor;
    if (s->step > o->steps) return now;
    /* On the way to an end_factor of 0 rounding may give a last rate just below 0. */
    return fmax(0, now * (1 + way / (steps * o->start_factor + (double)(s->step - 1) * way)));
}

const cd_scheduler_class cd_schedule_linear_class = {
    .name = "LinearLR",
    .function = "schedule_linear",
    .rate = linear_rate,
    CD_SCHEDULER_CLASS(cd_schedule_linear_options, options),
};

cd_scheduler *cd_schedule_linear_with(cd_schedule_linear_options o)
{
    return cd_scheduler_new(&cd_schedule_linear_class, &o);
}
