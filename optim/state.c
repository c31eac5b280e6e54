/* Visiting the state of a training run: optim/state.h. */
#include "optim/state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope.h"
#include "core/text_internal.h"
#include "core/tensor_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

bool cd_visit_module_state(cd_module *m, cd_visitor *visitor, void *user)
{
    return cd_ok() && cd_visit(m, visitor, user) && cd_ok();
}

/* The most steps that a state may claim, which is more than any run makes: a count of steps can
 * then not overflow, and is exact as a double in formulas. */
#define MOST_STEPS ((int64_t)1 << 53)

/* Checks a count of steps that a visitor may have written, also one that then stopped or failed;
 * sets it to 0 if it is none. */
static bool check_count(const char *name, cd_tensor *t)
{
    int64_t count = 0, none = 0;
    const cd_device device = cd_tensor_device(t);
    if (device == CD_META) return true;
    if (device == CD_CPU) cd_tensor_get(t, 0, &count);
    if (device != CD_CPU && !cd_read(t, &count, sizeof count)) return false;
    if (count >= 0 && count <= MOST_STEPS) return true;
    if (device == CD_CPU) cd_tensor_put(t, 0, &none);
    if (device != CD_CPU) (void)cd_write(t, &none, sizeof none);
    return cd_ok() && cd_fail(CD_ERR_FORMAT, "visit_state: %s is %lld, and must be from 0 to 2^53",
                              name, (long long)count);
}

/* Visits the state of parameter i. */
static bool visit_entry(cd_optimizer *o, int64_t i, cd_visitor *visitor, void *user)
{
    for (int k = 0; k < CD_OPTIMIZER_STATES; k++) {
        char name[64];
        cd_tensor *t = o->entries[i].state[k];
        if (!t) continue;
        (void)snprintf(name, sizeof name, "%lld.%s", (long long)i, o->class_->state[k].name);
        const bool go_on = visitor(name, t, CD_STATE, user);
        if (o->class_->state[k].kind == CD_STATE_COUNT && !check_count(name, t)) return false;
        if (!go_on || !cd_ok()) return false;
    }
    return true;
}

/* Visits the learning rate or the momentum of a group. A number that cd_set_lr would refuse is not
 * left in the optimizer. */
static bool visit_number(const char *what, int group, cd_tensor *t, cd_visitor *visitor, void *user)
{
    char name[32];
    double before, after;
    if (!t) return true;
    (void)snprintf(name, sizeof name, group ? "%s.%d" : "%s", what, group);
    cd_tensor_get(t, 0, &before);
    const bool go_on = visitor(name, t, CD_STATE, user);
    cd_tensor_get(t, 0, &after);
    if (isfinite(after) && after >= 0) return go_on && cd_ok();
    cd_tensor_put(t, 0, &before);
    return cd_ok() && cd_fail(CD_ERR_FORMAT,
                              "visit_state: an optimizer's %s of %g: it must be finite and not "
                              "negative",
                              what, after);
}

bool cd_visit_optimizer_state(cd_optimizer *o, cd_visitor *visitor, void *user)
{
    if (!cd_ok() || !cd_check_optimizer(o, "visit_state", "the optimizer")) return false;
    for (int64_t i = 0; i < o->count; i++) {
        if (!cd_optimizer_make_state(o, &o->entries[i])) return false;
    }
    for (int g = 0; g < o->group_count; g++) {
        if (!visit_number("rate", g, o->groups[g].rate, visitor, user) ||
            !visit_number("momentum", g, o->groups[g].momentum, visitor, user)) {
            return false;
        }
    }
    for (int64_t i = 0; i < o->count && cd_ok(); i++) {
        if (!visit_entry(o, i, visitor, user)) return false;
    }
    return cd_ok();
}

/* Visits state that is not a tensor: copies it into a tensor, calls the visitor, copies it back. */
static bool visit_bytes(const char *name, cd_dtype dtype, cd_shape shape, void *state, size_t bytes,
                        cd_visitor *visitor, void *user)
{
    CD_SCOPE();
    cd_tensor *t = cd_from_array(state, shape, .dtype = dtype);
    return t && visitor(name, t, CD_STATE, user) && cd_ok() && cd_read(t, state, bytes);
}

/* Room for the numbers of schedules in each other, and the name of a state. */
enum { SCHEDULE_NAME_BYTES = 400 };

/* The state of a schedule while it is visited: copies, which become the schedule's when they are
 * found good. */
typedef struct schedule_state {
    int64_t step;
    double number[CD_SCHEDULE_NUMBERS];
} schedule_state;

static bool check_schedule(const cd_scheduler *s, const schedule_state *state, const double *base)
{
    for (int g = 0; g < s->groups; g++) {
        if (isfinite(base[g]) && base[g] >= 0) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "visit_state: a schedule that begins with a rate of %g: it must be finite "
                       "and not negative",
                       base[g]);
    }
    for (int k = 0; k < CD_SCHEDULE_NUMBERS; k++) {
        if (!isnan(state->number[k])) continue;
        return cd_fail(CD_ERR_FORMAT, "visit_state: a schedule's %s is NaN", s->class_->number[k]);
    }
    return (state->step >= 0 && state->step <= MOST_STEPS) ||
           cd_fail(CD_ERR_FORMAT, "visit_state: a schedule at step %lld: it must be from 0 to 2^53",
                   (long long)state->step);
}

/* Visits what a schedule itself has, its names behind `prefix`. */
static bool visit_schedule(cd_scheduler *s, const char *prefix, double *base, cd_visitor *visitor,
                           void *user)
{
    char name[SCHEDULE_NAME_BYTES];
    schedule_state state = { .step = s->step };
    memcpy(state.number, s->number, sizeof state.number);
    (void)cd_format(name, sizeof name, "%sbase", prefix);
    if (!visit_bytes(name, CD_F64, CD_SHAPE(s->groups), base, (size_t)s->groups * sizeof *base,
                     visitor, user)) {
        return false;
    }
    (void)cd_format(name, sizeof name, "%sstep", prefix);
    if (!visit_bytes(name, CD_I64, CD_SCALAR, &state.step, sizeof state.step, visitor, user)) {
        return false;
    }
    for (int k = 0; k < CD_SCHEDULE_NUMBERS && s->class_->number[k]; k++) {
        (void)cd_format(name, sizeof name, "%s%s", prefix, s->class_->number[k]);
        if (!visit_bytes(name, CD_F64, CD_SCALAR, &state.number[k], sizeof(double), visitor,
                         user)) {
            return false;
        }
    }
    if (!check_schedule(s, &state, base)) return false;
    memcpy(s->base, base, (size_t)s->groups * sizeof *base);
    memcpy(s->number, state.number, sizeof state.number);
    s->step = state.step;
    return true;
}

/* A schedule and its children, "0.step" and so on. */
static bool visit_schedules(cd_scheduler *s, const char *prefix, cd_visitor *visitor, void *user)
{
    const size_t bytes = (size_t)s->groups * sizeof *s->base;
    double *base = cd_alloc(bytes);
    if (!base) return false;
    memcpy(base, s->base, bytes);
    bool done = visit_schedule(s, prefix, base, visitor, user);
    cd_free(base);
    for (int i = 0; done && i < s->child_count; i++) {
        char name[SCHEDULE_NAME_BYTES];
        (void)cd_format(name, sizeof name, "%s%d.", prefix, i);
        done = visit_schedules(s->children[i], name, visitor, user);
    }
    return done;
}

bool cd_visit_scheduler_state(cd_scheduler *s, cd_visitor *visitor, void *user)
{
    return cd_ok() && cd_check_scheduler(s, "visit_state") && visit_schedules(s, "", visitor, user);
}

bool cd_visit_generator_state(cd_generator *g, cd_visitor *visitor, void *user)
{
    unsigned char before[CD_RNG_STATE_BYTES], after[CD_RNG_STATE_BYTES];
    if (!cd_ok()) return false;
    if (!(g ? cd_generator_get_state(g, before, sizeof before)
            : cd_get_rng_state(before, sizeof before))) {
        return false;
    }
    memcpy(after, before, sizeof after);
    if (!visit_bytes("state", CD_U8, CD_SHAPE(CD_RNG_STATE_BYTES), after, sizeof after, visitor,
                     user)) {
        return false;
    }
    if (memcmp(before, after, sizeof after) == 0) return true;
    return g ? cd_generator_set_state(g, after, sizeof after)
             : cd_set_rng_state(after, sizeof after);
}
