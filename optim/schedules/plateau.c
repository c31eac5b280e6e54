/* ReduceLROnPlateau: optim/schedule.h has the formula. */
#include "core/memory_internal.h"
#include "optim/scheduler_internal.h"
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_plateau_options, member_, kind_)
static const cd_option options[] = {
    { "maximum", FIELD(maximum, BOOL) },
    { "factor", FIELD(factor, REAL), .default_value = 0.1, .max = CD_BELOW_ONE },
    { "patience", FIELD(patience, REAL), .whole = true, .default_value = 10 },
    { "threshold", FIELD(threshold, REAL), .default_value = 1e-4 },
    { "absolute", FIELD(absolute, BOOL) },
    { "cooldown", FIELD(cooldown, INTEGER) },
    { "min_lr", FIELD(min_lr, REAL) },
    { "eps", FIELD(eps, REAL), .default_value = 1e-8 },
    CD_OPTIONS_END,
};

/* In s->number: the best metric so far, the steps without a better one, and the steps that it still
 * waits. */
enum { BEST, BAD, WAITS };

static bool is_better(const cd_scheduler *s, double metric)
{
    const cd_schedule_plateau_options *o = s->options;
    const double sign = o->maximum ? 1 : -1, best = s->number[BEST];
    const double bar = o->absolute ? best + sign * o->threshold : best * (1 + sign * o->threshold);
    return sign * metric > sign * bar;
}

static bool reduce(cd_scheduler *s)
{
    const cd_schedule_plateau_options *o = s->options;
    for (int g = 0; g < s->groups; g++) {
        const double now = cd_optimizer_rate(s->optimizer, g);
        const double next = fmax(now * o->factor, s->least[g]);
        if (now - next > o->eps &&
            !cd_optimizer_set_rate(s->optimizer, s->class_->function, g, next,
                                   cd_optimizer_momentum(s->optimizer, g))) {
            return false;
        }
    }
    return true;
}

static bool plateau_advance(cd_scheduler *s, double metric)
{
    const cd_schedule_plateau_options *o = s->options;
    double best = s->number[BEST], bad = s->number[BAD] + 1, waits = s->number[WAITS];
    if (is_better(s, metric)) best = metric, bad = 0;
    if (waits > 0) waits--, bad = 0;
    if (bad > o->patience) {
        if (!reduce(s)) return false;
        waits = (double)o->cooldown;
        bad = 0;
    }
    s->number[BEST] = best;
    s->number[BAD] = bad;
    s->number[WAITS] = waits;
    return true;
}

/* The lowest rates: one for all groups, or one for each. */
static bool take_least(cd_scheduler *s, cd_schedule_plateau_options *o)
{
    const char *function = s->class_->function;
    if (o->min_lrs && (o->min_lr != 0 || o->min_lr_count != s->groups)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .min_lrs has %d numbers, and must have one for each of %d groups, "
                       "without .min_lr",
                       function, o->min_lr_count, s->groups);
    }
    s->least = cd_alloc((size_t)s->groups * sizeof *s->least);
    if (!s->least) return false;
    for (int g = 0; g < s->groups; g++) {
        s->least[g] = o->min_lrs ? o->min_lrs[g] : o->min_lr;
        if (!(isfinite(s->least[g]) && s->least[g] >= 0)) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "%s: .min_lrs[%d] is %g, and must be finite and 0 or more", function, g,
                           s->least[g]);
        }
    }
    o->min_lrs = NULL; /* the caller's array may go */
    return true;
}

static bool plateau_begin(cd_scheduler *s)
{
    cd_schedule_plateau_options *o = s->options;
    s->number[BEST] = o->maximum ? -INFINITY : INFINITY;
    return take_least(s, o);
}

const cd_scheduler_class cd_schedule_plateau_class = {
    .name = "ReduceLROnPlateau",
    .function = "schedule_plateau",
    .advance = plateau_advance,
    .by_metric = true,
    .begin = plateau_begin,
    .number = { "best", "bad_steps", "cooldown" },
    CD_SCHEDULER_CLASS(cd_schedule_plateau_options, options),
};

cd_scheduler *cd_schedule_plateau_with(cd_schedule_plateau_options o)
{
    return cd_scheduler_new(&cd_schedule_plateau_class, &o);
}
