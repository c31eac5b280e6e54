/* CosineAnnealingLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_cosine_options, member_, kind_)
static const cd_option options[] = {
    { "T_max", FIELD(steps, INTEGER), .required = true, .min = 1 },
    { "eta_min", FIELD(min_lr, REAL) },
    CD_OPTIONS_END,
};

/* From the rate before, as PyTorch does it. The rate before is min_lr where the quotient would be
 * 0 / 0, one step after the lowest point. */
static double cosine_rate(const cd_scheduler *s, int group, double now)
{
    const cd_schedule_cosine_options *o = s->options;
    const double low = o->min_lr, angle = CD_PI / (double)o->steps;
    if (s->step == 0) return now;
    const int64_t before = s->step - 1;
    if (before % o->steps == 0 && before / o->steps % 2 == 1) {
        return now + (s->base[group] - low) * (1 - cos(angle)) / 2;
    }
    return (1 + cos(angle * (double)s->step)) / (1 + cos(angle * (double)(s->step - 1))) *
               (now - low) +
           low;
}

const cd_scheduler_class cd_schedule_cosine_class = {
    .name = "CosineAnnealingLR",
    .function = "schedule_cosine",
    .rate = cosine_rate,
    CD_SCHEDULER_CLASS(cd_schedule_cosine_options, options),
};

cd_scheduler *cd_schedule_cosine_with(cd_schedule_cosine_options o)
{
    return cd_scheduler_new(&cd_schedule_cosine_class, &o);
}
