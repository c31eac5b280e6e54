/* SWALR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_swa_options, member_, kind_)
static const cd_option options[] = {
    { "swa_lr", FIELD(swa_lr, REAL), .required = true },
    { "anneal_epochs", FIELD(steps, REAL), .whole = true, .default_value = 10 },
    { "linear", FIELD(linear, BOOL) },
    CD_OPTIONS_END,
};

/* How much of the way is done after so many steps, from 0 to 1. */
static double share(const cd_schedule_swa_options *o, double steps)
{
    const double t = fmax(0, fmin(1, steps / fmax(1, o->steps)));
    return o->linear ? t : (1 - cos(CD_PI * t)) / 2;
}

/* The rate that the way began with follows from the rate now: so a rate that something else has set
 * in between is the start of what is left. */
static double swa_rate(const cd_scheduler *s, int group, double now)
{
    (void)group;
    const cd_schedule_swa_options *o = s->options;
    const double t = o->steps > 0 ? (double)s->step : fmax(1, (double)s->step);
    const double before = share(o, t - 1), done = share(o, t);
    const double first = before == 1 ? o->swa_lr : (now - before * o->swa_lr) / (1 - before);
    return o->swa_lr * done + first * (1 - done);
}

const cd_scheduler_class cd_schedule_swa_class = {
    .name = "SWALR",
    .function = "schedule_swa",
    .rate = swa_rate,
    .rate_behind = swa_rate, /* at step 0: the rate now, or swa_lr at once */
    CD_SCHEDULER_CLASS(cd_schedule_swa_options, options),
};

cd_scheduler *cd_schedule_swa_with(cd_schedule_swa_options o)
{
    return cd_scheduler_new(&cd_schedule_swa_class, &o);
}
