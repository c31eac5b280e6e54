/* Visiting the state of a training run: optim/state.h. */
#include "optim/state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/memory.h"
#include "core/scope.h"
#include "core/tensor_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

bool cd_visit_module_state(cd_module *m, cd_visitor *visitor, void *user)
{
    return cd_ok() && cd_visit(m, visitor, user) && cd_ok();
}

/* Visits the state of parameter i. */
static bool visit_slot(cd_optimizer *o, int64_t i, cd_visitor *visitor, void *user)
{
    for (int k = 0; k < CD_OPTIMIZER_STATES; k++) {
        char name[64];
        cd_tensor *t = o->entries[i].state[k];
        if (!t) continue;
        (void)snprintf(name, sizeof name, "%lld.%s", (long long)i, o->class_->state[k].name);
        if (!visitor(name, t, CD_STATE, user) || !cd_ok()) return false;
    }
    return true;
}

/* Visits the learning rate. A rate that cd_set_lr would refuse is not left in the optimizer. */
static bool visit_rate(cd_optimizer *o, cd_visitor *visitor, void *user)
{
    double before, rate;
    cd_tensor_get(o->rate, 0, &before);
    const bool go_on = visitor("rate", o->rate, CD_STATE, user);
    cd_tensor_get(o->rate, 0, &rate);
    if (isfinite(rate) && rate >= 0) return go_on && cd_ok();
    cd_tensor_put(o->rate, 0, &before);
    return cd_ok() && cd_fail(CD_ERR_FORMAT,
                              "visit_state: an optimizer's rate of %g: it must be finite and not "
                              "negative",
                              rate);
}

bool cd_visit_optimizer_state(cd_optimizer *o, cd_visitor *visitor, void *user)
{
    if (!cd_ok() || !cd_check_optimizer(o, "visit_state", "the optimizer") ||
        !cd_optimizer_make_state(o)) {
        return false;
    }
    if (!visit_rate(o, visitor, user)) return false;
    for (int64_t i = 0; i < o->count && cd_ok(); i++) {
        if (!visit_slot(o, i, visitor, user)) return false;
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

/* The most steps that a schedule's state may claim, which is more than any run makes. The count of
 * steps can then not overflow in cd_scheduler_step, and is exact as a double in rate formulas. */
#define MOST_STEPS ((int64_t)1 << 53)

bool cd_visit_scheduler_state(cd_scheduler *s, cd_visitor *visitor, void *user)
{
    if (!cd_ok() || !cd_check_scheduler(s, "visit_state")) return false;
    double base = s->base;
    int64_t step = s->step;
    if (!visit_bytes("base", CD_F64, CD_SCALAR, &base, sizeof base, visitor, user) ||
        !visit_bytes("step", CD_I64, CD_SCALAR, &step, sizeof step, visitor, user)) {
        return false;
    }
    if (!isfinite(base) || base < 0 || step < 0 || step > MOST_STEPS) {
        return cd_fail(CD_ERR_FORMAT,
                       "visit_state: a schedule at step %lld from a rate of %g: neither may be "
                       "negative, the rate must be finite, and the step at most 2^53",
                       (long long)step, base);
    }
    s->base = base;
    s->step = step;
    return true;
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
