/* Cosine annealing of the learning rate: optim/optim.h has the formula. */
#include <math.h>

#include "core/error.h"
#include "core/scope_internal.h"
#include "optim/scheduler_internal.h"

typedef struct cosine {
    cd_scheduler scheduler;
    cd_schedule_cosine_options options;
} cosine;

static double cosine_rate(const cd_scheduler *s, int64_t step)
{
    const cd_schedule_cosine_options *o = &((const cosine *)s)->options;
    /* The cosine has the period 2 steps; without whole periods the angle keeps its precision. */
    const int64_t rest = step / o->steps % 2 == 0 ? step % o->steps : o->steps + step % o->steps;
    const double angle = 3.14159265358979323846 * (double)rest / (double)o->steps;
    return o->min_lr + (s->base - o->min_lr) * (1 + cos(angle)) / 2;
}

static const cd_option options[] = {
    { "T_max", CD_OPTION(cd_schedule_cosine_options, steps, INTEGER), .required = true, .min = 1 },
    { "eta_min", CD_OPTION(cd_schedule_cosine_options, min_lr, REAL) },
    CD_OPTIONS_END,
};

static cd_scheduler *cosine_make(cd_optimizer *optimizer, const void *given)
{
    cd_schedule_cosine_options o = *(const cd_schedule_cosine_options *)given;
    o.optimizer = optimizer;
    return cd_schedule_cosine_with(o);
}

const cd_scheduler_class cd_schedule_cosine_class = { .name = "CosineAnnealingLR",
                                                      .size = sizeof(cosine),
                                                      .rate = cosine_rate,
                                                      CD_CLASS_OPTIONS(cosine, options, options),
                                                      .make = cosine_make };

cd_scheduler *cd_schedule_cosine_with(cd_schedule_cosine_options o)
{
    if (!cd_options_fill(options, &o, "schedule_cosine")) return NULL;
    cosine *self =
        (cosine *)cd_scheduler_new(&cd_schedule_cosine_class, "schedule_cosine", o.optimizer);
    if (!self) return NULL;
    self->options = o;
    self->options.optimizer = NULL; /* self->scheduler has it, and owns it */
    return cd_hand(self);
}
