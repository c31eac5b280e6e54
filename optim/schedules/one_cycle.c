/* OneCycleLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"
#include "optim/optimizer_internal.h"

#define FIELD(member_, kind_) CD_OPTION(cd_schedule_one_cycle_options, member_, kind_)
static const cd_option options[] = {
    { "max_lr", FIELD(max_lr, REAL), .required = true, .min = CD_ABOVE_ZERO },
    { "total_steps", FIELD(steps, INTEGER), .required = true, .min = 2 },
    { "pct_start", FIELD(pct_start, REAL), .default_value = 0.3, .max = 1 },
    { "linear", FIELD(linear, BOOL) },
    { "cycle_momentum", FIELD(no_cycle_momentum, NEGATED) },
    { "base_momentum", FIELD(base_momentum, REAL), .default_value = 0.85 },
    { "max_momentum", FIELD(max_momentum, REAL), .default_value = 0.95 },
    { "div_factor", FIELD(div_factor, REAL), .default_value = 25, .min = CD_ABOVE_ZERO },
    { "final_div_factor", FIELD(final_div_factor, REAL), .default_value = 1e4,
      .min = CD_ABOVE_ZERO },
    { "three_phase", FIELD(three_phase, BOOL) },
    CD_OPTIONS_END,
};

/* A number that goes from `from` to `middle`, `back` and `to` in the phases of the cycle; in two
 * phases, to `middle` and `to`. */
static double at(const cd_scheduler *s, double from, double middle, double back, double to)
{
    const cd_schedule_one_cycle_options *o = s->options;
    const double steps = (double)o->steps, t = (double)s->step, up = o->pct_start * steps;
    const double end[3] = { up - 1, o->three_phase ? 2 * up - 2 : steps - 1, steps - 1 };
    const double value[4] = { from, middle, o->three_phase ? back : to, to };
    const int last = o->three_phase ? 2 : 1;
    int phase = 0;
    while (phase < last && t > end[phase]) phase++;
    const double begin = phase ? end[phase - 1] : 0, done = (t - begin) / (end[phase] - begin);
    const double a = value[phase], b = value[phase + 1];
    const double now = o->linear ? a + (b - a) * done : b + (a - b) / 2 * (1 + cos(CD_PI * done));
    return now < 0 ? 0 : now; /* a line goes below 0 at the step behind its end */
}

static double one_cycle_rate(const cd_scheduler *s, int group, double now)
{
    (void)now;
    const cd_schedule_one_cycle_options *o = s->options;
    const double first = s->base[group];
    return at(s, first, o->max_lr, first, first / o->final_div_factor);
}

static double one_cycle_momentum(const cd_scheduler *s, int group)
{
    const cd_schedule_one_cycle_options *o = s->options;
    if (o->no_cycle_momentum) return cd_optimizer_momentum(s->optimizer, group);
    return at(s, o->max_momentum, o->base_momentum, o->max_momentum, o->max_momentum);
}

/* The rate has reached its end one step before the last one, which a loop that steps the schedule
 * behind the optimizer's last step makes. */
static bool one_cycle_has_step(const cd_scheduler *s)
{
    const cd_schedule_one_cycle_options *o = s->options;
    return s->step <= o->steps ||
           cd_fail(CD_ERR_STATE, "schedule_one_cycle: step %lld of a schedule of %lld steps",
                   (long long)s->step, (long long)o->steps);
}

static bool one_cycle_begin(cd_scheduler *s)
{
    const cd_schedule_one_cycle_options *o = s->options;
    for (int g = 0; g < s->groups; g++) s->base[g] = o->max_lr / o->div_factor;
    return o->no_cycle_momentum || cd_scheduler_check_momentum(s);
}

const cd_scheduler_class cd_schedule_one_cycle_class = {
    .name = "OneCycleLR",
    .function = "schedule_one_cycle",
    .rate = one_cycle_rate,
    .momentum = one_cycle_momentum,
    .has_step = one_cycle_has_step,
    .begin = one_cycle_begin,
    .rebases = true,
    CD_SCHEDULER_CLASS(cd_schedule_one_cycle_options, options),
};

cd_scheduler *cd_schedule_one_cycle_with(cd_schedule_one_cycle_options o)
{
    return cd_scheduler_new(&cd_schedule_one_cycle_class, &o);
}
