/* PolynomialLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_polynomial_options, member_, kind_)
static const cd_option options[] = {
    { "total_iters", FIELD(steps, INTEGER), .default_value = 5, .min = 1 },
    { "power", FIELD(power, REAL), .default_value = 1 },
    CD_OPTIONS_END,
};

static double polynomial_rate(const cd_scheduler *s, int group, double now)
{
    (void)group;
    const cd_schedule_polynomial_options *o = s->options;
    const double steps = (double)o->steps, t = (double)s->step;
    if (s->step == 0 || s->step > o->steps) return now;
    return now * pow((1 - t / steps) / (1 - (t - 1) / steps), o->power);
}

const cd_scheduler_class cd_schedule_polynomial_class = {
    .name = "PolynomialLR",
    .function = "schedule_polynomial",
    .rate = polynomial_rate,
    CD_SCHEDULER_CLASS(cd_schedule_polynomial_options, options),
};

cd_scheduler *cd_schedule_polynomial_with(cd_schedule_polynomial_options o)
{
    return cd_scheduler_new(&cd_schedule_polynomial_class, &o);
}
