/* CosineAnnealingWarmRestarts: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_cosine_restarts_options, member_, kind_)
static const cd_option options[] = {
    { "T_0", FIELD(first, INTEGER), .required = true, .min = 1 },
    { "T_mult", FIELD(longer, INTEGER), .default_value = 1, .min = 1 },
    { "eta_min", FIELD(min_lr, REAL) },
    CD_OPTIONS_END,
};

enum { FRACTION }; /* in s->number: the part of the next step that is done */

static double cosine_restarts_rate(const cd_scheduler *s, int group, double now)
{
    (void)now;
    const cd_schedule_cosine_restarts_options *o = s->options;
    /* t steps of a cycle of so many are done. */
    double steps = (double)o->first, t = (double)s->step + s->number[FRACTION];
    if (o->longer == 1) {
        t = (double)(s->step % o->first) + s->number[FRACTION];
    } else {
        for (; t >= steps; steps *= (double)o->longer) t -= steps;
    }
    return o->min_lr + (s->base[group] - o->min_lr) * (1 + cos(CD_PI * t / steps)) / 2;
}

const cd_scheduler_class cd_schedule_cosine_restarts_class = {
    .name = "CosineAnnealingWarmRestarts",
    .function = "schedule_cosine_restarts",
    .rate = cosine_restarts_rate,
    .takes_fractions = true,
    .number = { [FRACTION] = "fraction" },
    CD_SCHEDULER_CLASS(cd_schedule_cosine_restarts_options, options),
};

cd_scheduler *cd_schedule_cosine_restarts_with(cd_schedule_cosine_restarts_options o)
{
    return cd_scheduler_new(&cd_schedule_cosine_restarts_class, &o);
}
