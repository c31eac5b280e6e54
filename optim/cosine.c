#include <math.h>

#include "core/error.h"
#include "core/scope_internal.h"
#include "optim/optimizer_internal.h"

struct cd_scheduler {
    cd_object object;
    cd_optimizer *optimizer; /* owned */
    double start, min;
    int64_t steps, done;
};

static void destroy(cd_object *object)
{
    cd_object_disown(&((cd_scheduler *)object)->optimizer->object);
}

static const cd_class scheduler_class = { CD_KIND_SCHEDULER, "scheduler", NULL, destroy };

cd_scheduler *cd_schedule_cosine_with(cd_cosine_options options)
{
    if (!cd_check_optimizer(options.optimizer, "schedule_cosine", "the optimizer")) return NULL;
    if (!cd_check_not_captured("schedule_cosine", "it reads the rate")) return NULL;
    double start = cd_lr(options.optimizer);
    if (options.steps < 1 || !(options.min_lr >= 0) || options.min_lr > start) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "schedule_cosine: %lld steps down to %g: there must be 1 or more, and "
                      "the last rate must lie between 0 and the present one, %g",
                      (long long)options.steps, options.min_lr, start);
        return NULL;
    }
    cd_scheduler *s = cd_object_new(&scheduler_class, sizeof *s);
    if (!s) return NULL;
    s->optimizer = options.optimizer;
    cd_object_own(&s->optimizer->object);
    s->start = start;
    s->min = options.min_lr;
    s->steps = options.steps;
    return cd_hand(s);
}

bool cd_scheduler_step(cd_scheduler *s)
{
    if (!cd_ok() || !cd_check_object(s, &scheduler_class, "scheduler_step", "the scheduler"))
        return false;
    if (!cd_check_not_captured("scheduler_step", "the rate comes from the program")) return false;
    const int64_t done = s->done < s->steps ? s->done + 1 : s->done;
    double turn = 3.14159265358979323846 * (double)done / (double)s->steps;
    if (!cd_set_lr(s->optimizer, s->min + (s->start - s->min) * (1 + cos(turn)) / 2)) return false;
    s->done = done;
    return true;
}
