/* LambdaLR: optim/schedule.h has the formula. */
#include "optim/scheduler_internal.h"

static const cd_option options[] = {
    CD_OPTIONS_END,
};

static double lambda_rate(const cd_scheduler *s, int group, double now)
{
    (void)now;
    const cd_schedule_lambda_options *o = s->options;
    return s->base[group] * o->function(s->step, o->user);
}

static bool lambda_begin(cd_scheduler *s)
{
    const cd_schedule_lambda_options *o = s->options;
    return o->function || cd_fail(CD_ERR_ARGUMENT, "schedule_lambda: the function is NULL");
}

const cd_scheduler_class cd_schedule_lambda_class = {
    .name = "LambdaLR",
    .function = "schedule_lambda",
    .rate = lambda_rate,
    .begin = lambda_begin,
    CD_SCHEDULER_CLASS(cd_schedule_lambda_options, options),
    .unwritable = true,
};

cd_scheduler *cd_schedule_lambda_with(cd_schedule_lambda_options o)
{
    return cd_scheduler_new(&cd_schedule_lambda_class, &o);
}
