/* What all learning-rate schedules share: making one, and cd_scheduler_step. */
#include "optim/scheduler_internal.h"

#include <string.h>

#include "autograd/dispatch/graph_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "optim/optimizer_internal.h"

static void destroy(cd_object *object)
{
    cd_scheduler *s = (cd_scheduler *)object;
    for (int i = 0; i < s->child_count; i++) {
        if (s->children[i]->part_of == s) s->children[i]->part_of = NULL;
        cd_object_disown(&s->children[i]->object);
    }
    cd_object_disown((cd_object *)s->optimizer);
    cd_free(s->children);
    cd_free(s->milestones);
    cd_free(s->least);
    cd_free(s->base);
    cd_free(s->next);
    cd_free(s->before);
    cd_free(s->options);
}

static const cd_class scheduler_object_class = { CD_KIND_SCHEDULER, "scheduler", NULL, destroy };

bool cd_check_scheduler(const cd_scheduler *s, const char *function)
{
    return cd_check_object(s, &scheduler_object_class, function, "the scheduler");
}

/* --- steps ------------------------------------------------------------------------------------ */

/* Sets the rates by a formula of the class, from what they are. All of them are computed and
 * checked before the first one is set, each by one call of the formula, which may be the
 * caller's. */
static bool set_rates_by(cd_scheduler *s,
                         double (*rate)(const cd_scheduler *s, int group, double now))
{
    const cd_scheduler_class *c = s->class_;
    cd_optimizer *o = s->optimizer;
    for (int g = 0; g < s->groups; g++) {
        s->next[g] = (cd_schedule_rate){ .lr = rate(s, g, cd_optimizer_rate(o, g)),
                                         .momentum = c->momentum ? c->momentum(s, g)
                                                                 : cd_optimizer_momentum(o, g) };
        if (!cd_optimizer_check_rate(c->function, s->next[g].lr, s->next[g].momentum)) return false;
    }
    for (int g = 0; g < s->groups; g++) {
        if (!cd_optimizer_set_rate(o, c->function, g, s->next[g].lr, s->next[g].momentum)) {
            return false;
        }
    }
    return true;
}

static bool set_rates(cd_scheduler *s)
{
    return set_rates_by(s, s->class_->rate);
}

static void note_step(cd_scheduler *s)
{
    s->step_before = s->step;
    for (int i = 0; i < s->child_count; i++) note_step(s->children[i]);
}

static void take_step_back(cd_scheduler *s)
{
    s->step = s->step_before;
    for (int i = 0; i < s->child_count; i++) take_step_back(s->children[i]);
}

/* Notes what take_back needs when a step fails after some schedules within s have made theirs. */
static void note(cd_scheduler *s)
{
    note_step(s);
    for (int g = 0; g < s->groups; g++) {
        s->before[g] = (cd_schedule_rate){ .lr = cd_optimizer_rate(s->optimizer, g),
                                           .momentum = cd_optimizer_momentum(s->optimizer, g) };
    }
}

static void take_back(cd_scheduler *s)
{
    take_step_back(s);
    for (int g = 0; g < s->groups; g++) {
        cd_optimizer_put_rate(s->optimizer, g, s->before[g].lr, s->before[g].momentum);
    }
}

bool cd_scheduler_start(cd_scheduler *s)
{
    s->step = 0;
    if (s->class_->takes_fractions) s->number[0] = 0;
    return s->class_->start ? s->class_->start(s) : set_rates(s);
}

bool cd_scheduler_restart(cd_scheduler *s)
{
    note(s);
    bool done = true;
    for (int g = 0; g < s->groups && done; g++) {
        done = cd_optimizer_set_rate(s->optimizer, s->class_->function, g, s->base[g],
                                     cd_optimizer_momentum(s->optimizer, g));
    }
    done = done && cd_scheduler_start(s);
    if (!done) take_back(s);
    return done;
}

bool cd_scheduler_follow(cd_scheduler *s)
{
    if (!s->class_->rate_behind) return cd_scheduler_restart(s);
    s->step = 0;
    return set_rates_by(s, s->class_->rate_behind);
}

bool cd_scheduler_advance(cd_scheduler *s, double metric)
{
    const cd_scheduler_class *c = s->class_;
    s->step++;
    return (!c->has_step || c->has_step(s)) && (c->advance ? c->advance(s, metric) : set_rates(s));
}

/* Whether the caller may step the schedule: one that is part of another is stepped by that. */
static bool check_step(const cd_scheduler *s, const char *function)
{
    if (!cd_ok() || !cd_check_scheduler(s, function) ||
        !cd_check_not_captured(function, "the rate comes from the program")) {
        return false;
    }
    return !s->part_of ||
           cd_fail(CD_ERR_STATE, "%s: this %s is part of a %s, which steps it: step that one",
                   function, s->class_->name, s->part_of->class_->name);
}

static bool step(cd_scheduler *s, const char *function, bool by_metric, double metric)
{
    if (!check_step(s, function)) return false;
    if (s->class_->by_metric != by_metric) {
        return cd_fail(CD_ERR_ARGUMENT,
                       by_metric ? "%s: %s takes no metric: use cd_scheduler_step"
                                 : "%s: %s decides by a metric: use cd_scheduler_step_by",
                       function, s->class_->name);
    }
    note(s);
    const bool done = cd_scheduler_advance(s, metric);
    if (!done) take_back(s);
    return done;
}

bool cd_scheduler_step(cd_scheduler *s)
{
    return step(s, "scheduler_step", false, (double)NAN);
}

bool cd_scheduler_step_by(cd_scheduler *s, double metric)
{
    return step(s, "scheduler_step_by", true, metric);
}

bool cd_scheduler_step_to(cd_scheduler *s, double epoch)
{
    const char *function = "scheduler_step_to";
    if (!check_step(s, function)) return false;
    if (!s->class_->takes_fractions) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %s goes step by step: use cd_scheduler_step%s",
                       function, s->class_->name, s->class_->by_metric ? "_by" : "");
    }
    if (!(epoch >= 0 && epoch < 0x1p53)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the epoch is %g, and must be 0 or more, below 2^53",
                       function, epoch);
    }
    const double before = s->number[0];
    note(s);
    s->step = (int64_t)epoch;
    s->number[0] = epoch - floor(epoch);
    if (set_rates(s)) return true;
    s->number[0] = before;
    take_back(s);
    return false;
}

/* --- making one ------------------------------------------------------------------------------- */

/* Copies the options, and the optimizer's rates, which the first schedule notes for those to
 * come. */
static bool take_options(cd_scheduler *s, const void *options)
{
    const cd_scheduler_class *c = s->class_;
    cd_optimizer *o = s->optimizer;
    s->options = cd_alloc(c->options_bytes);
    s->base = cd_alloc((size_t)o->group_count * sizeof *s->base);
    s->next = cd_alloc((size_t)o->group_count * sizeof *s->next);
    s->before = cd_alloc((size_t)o->group_count * sizeof *s->before);
    if (!s->options || !s->base || !s->next || !s->before) return false;
    memcpy(s->options, options, c->options_bytes);
    memset(s->options, 0, sizeof(cd_optimizer *)); /* s->optimizer is owned */
    s->groups = o->group_count;
    for (int g = 0; g < s->groups; g++) {
        s->base[g] = o->scheduled ? o->groups[g].first_rate : cd_optimizer_rate(o, g);
    }
    return cd_options_fill(c->options, s->options, c->function);
}

/* Sets what the schedule begins with, and lets the optimizer remember its first rates. */
static bool begin(cd_scheduler *s)
{
    const cd_scheduler_class *c = s->class_;
    if (c->begin && !c->begin(s)) return false;
    if (c->rate && !set_rates(s)) return false;
    cd_optimizer *o = s->optimizer;
    for (int g = 0; g < s->groups && (!o->scheduled || c->rebases); g++) {
        o->groups[g].first_rate = s->base[g];
    }
    o->scheduled = true;
    return true;
}

cd_scheduler *cd_scheduler_new(const cd_scheduler_class *class_, const void *options)
{
    cd_optimizer *optimizer;
    memcpy(&optimizer, options, sizeof optimizer); /* the first member */
    if (!cd_ok() || !cd_check_optimizer(optimizer, class_->function, "the optimizer") ||
        !cd_check_not_captured(class_->function, "it reads the rate")) {
        return NULL;
    }
    cd_scheduler *s = cd_object_new(&scheduler_object_class, sizeof *s);
    if (!s) return NULL;
    s->class_ = class_;
    s->optimizer = optimizer;
    cd_object_own(&optimizer->object);
    /* Nothing may fail once the rates are changed, so the scope makes room before. */
    if (take_options(s, options) && cd_scope_reserve() && begin(s)) return cd_hand(s);
    cd_object_disown(&s->object);
    return NULL;
}

cd_scheduler *cd_scheduler_make(const cd_scheduler_class *class_, cd_optimizer *optimizer,
                                const void *options)
{
    if (class_->unwritable) {
        (void)cd_fail(CD_ERR_UNSUPPORTED,
                      "%s: a %s has functions or schedules among its options, and cannot be made "
                      "from options that were written down",
                      class_->function, class_->name);
        return NULL;
    }
    char *copy = cd_alloc(class_->options_bytes);
    if (!copy) return NULL;
    memcpy(copy, options, class_->options_bytes);
    memcpy(copy, &optimizer, sizeof optimizer);
    cd_scheduler *s = cd_scheduler_new(class_, copy);
    cd_free(copy);
    return s;
}

/* --- for the classes -------------------------------------------------------------------------- */

bool cd_scheduler_adopt(cd_scheduler *s, cd_scheduler *const *schedules, int count)
{
    const char *function = s->class_->function;
    if (count < 1 || !schedules) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: there must be at least one schedule", function);
    }
    for (int i = 0; i < count; i++) {
        if (!cd_check_scheduler(schedules[i], function)) return false;
        if (schedules[i]->optimizer != s->optimizer) {
            return cd_fail(CD_ERR_ARGUMENT, "%s: schedule %d is of another optimizer", function, i);
        }
        if (schedules[i]->class_->by_metric) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "%s: schedule %d is a %s, which decides by a metric, and must be "
                           "stepped by itself",
                           function, i, schedules[i]->class_->name);
        }
        if (schedules[i]->depth == CD_SCHEDULES_DEEP) {
            return cd_fail(CD_ERR_UNSUPPORTED,
                           "%s: schedules would be more than %d deep in each other", function,
                           CD_SCHEDULES_DEEP);
        }
        if (s->depth <= schedules[i]->depth) s->depth = schedules[i]->depth + 1;
        for (int k = 0; k < i; k++) {
            if (schedules[k] != schedules[i]) continue;
            return cd_fail(CD_ERR_ARGUMENT, "%s: schedules %d and %d are the same one", function, k,
                           i);
        }
    }
    s->children = cd_alloc((size_t)count * sizeof(cd_scheduler *));
    if (!s->children) return false;
    for (int i = 0; i < count; i++) {
        s->children[i] = schedules[i];
        schedules[i]->part_of = s;
        cd_object_own(&schedules[i]->object);
    }
    s->child_count = count;
    return true;
}

bool cd_scheduler_copy_milestones(cd_scheduler *s, const int64_t *milestones, int count,
                                  bool rising)
{
    const char *function = s->class_->function;
    if (count < 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the number of milestones is %d", function, count);
    }
    if (count > 0 && !milestones) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: the milestones are NULL, and must be an array of %d, such as "
                       ".milestones = (int64_t[]){ 5 } for one",
                       function, count);
    }
    for (int i = 0; i < count; i++) {
        const int64_t before = rising && i > 0 ? milestones[i - 1] : -1;
        if (milestones[i] > before) continue;
        return cd_fail(CD_ERR_ARGUMENT, "%s: milestone %d is %lld, and must be %s", function, i,
                       (long long)milestones[i], before < 0 ? "0 or more" : "above the one before");
    }
    s->milestones = cd_alloc(((size_t)count + 1) * sizeof *s->milestones);
    if (!s->milestones) return false;
    if (count > 0) memcpy(s->milestones, milestones, (size_t)count * sizeof *milestones);
    return true;
}

bool cd_scheduler_check_momentum(const cd_scheduler *s)
{
    for (int g = 0; g < s->groups; g++) {
        if (cd_optimizer_momentum(s->optimizer, g) != 0) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: %s has no momentum to change: set .no_cycle_momentum, or make the "
                       "optimizer with one",
                       s->class_->function, s->optimizer->class_->name);
    }
    return true;
}
