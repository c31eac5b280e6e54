/* What all learning-rate schedules share: making one, and cd_scheduler_step. */
#include "optim/scheduler_internal.h"

#include "core/scope_internal.h"
#include "core/error.h"
#include "optim/optimizer_internal.h"

static void destroy(cd_object *object)
{
    cd_object_disown(&((cd_scheduler *)object)->optimizer->object);
}

static const cd_class scheduler_class = { CD_KIND_SCHEDULER, "scheduler", NULL, destroy };

bool cd_check_scheduler(const cd_scheduler *s, const char *function)
{
    return cd_check_object(s, &scheduler_class, function, "the scheduler");
}

cd_scheduler *cd_scheduler_new(const cd_scheduler_class *class_, const char *function,
                               cd_optimizer *optimizer)
{
    if (!cd_check_optimizer(optimizer, function, "the optimizer") ||
        !cd_check_not_captured(function, "it reads the rate")) {
        return NULL;
    }
    const double base = cd_lr(optimizer);
    cd_scheduler *s = cd_object_new(&scheduler_class, class_->size);
    if (!s) return NULL;
    s->class_ = class_;
    s->optimizer = optimizer;
    s->base = base;
    cd_object_own(&optimizer->object);
    return s;
}

bool cd_scheduler_step(cd_scheduler *s)
{
    if (!cd_ok() || !cd_check_scheduler(s, "scheduler_step") ||
        !cd_check_not_captured("scheduler_step", "the rate comes from the program")) {
        return false;
    }
    if (!cd_set_lr(s->optimizer, s->class_->rate(s, s->step + 1))) return false;
    s->step++;
    return true;
}
