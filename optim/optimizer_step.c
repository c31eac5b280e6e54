/* A step of any optimizer: every parameter is updated by one call of the class's op. All calls are
 * prepared, which may fail, before the first one changes anything. */
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "optim/optimizer_internal.h"

/* Checks that the state is on the parameter's device: cd_module_to does not move it. */
static bool check_device(const cd_optimizer *o, const cd_optimizer_entry *entry)
{
    const cd_device device = cd_tensor_device(entry->parameter);
    for (int k = 0; k < CD_OPTIMIZER_STATES; k++) {
        if (!entry->state[k]) continue;
        const cd_device own = cd_tensor_device(entry->state[k]);
        if (own == device) continue;
        return cd_fail(CD_ERR_DEVICE,
                       "step: a parameter is on %s, and the optimizer's %s for it on %s: make the "
                       "optimizer after cd_module_to",
                       cd_device_name(device), o->class_->state[k].name, cd_device_name(own));
    }
    return true;
}

/* The update of one parameter during a step. */
typedef struct update {
    cd_optimizer_entry *entry;
    cd_tensor *grad; /* owned */
    cd_operand in[CD_OP_INPUTS];
    cd_call call;
} update;

/* Does everything that can fail in the update of one parameter. */
static bool prepare(cd_optimizer *o, update *u)
{
    const cd_optimizer_class *c = o->class_;
    const cd_optimizer_entry *entry = u->entry;
    if (!entry->parameter->contiguous) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "step: a parameter is not contiguous (its elements do not lie in one row), "
                       "and only contiguous ones can be updated");
    }
    if (!cd_optimizer_make_state(o, u->entry) || !check_device(o, entry)) return false;
    const cd_optimizer_group *group = &o->groups[entry->group];
    cd_tensor *const first[] = { entry->parameter, u->grad, group->rate, group->momentum };
    enum { FIRST = sizeof first / sizeof *first };
    for (int k = 0; k < c->op->inputs; k++) {
        u->in[k] = cd_operand_tensor(k < FIRST ? first[k] : entry->state[k - FIRST]);
    }
    cd_call_begin(&u->call, c->op, u->in, c->op->inputs);
    u->call.in_place = true;
    u->call.launch.attributes = &o->groups[entry->group].attributes;
    if (!cd_call_prepare(&u->call)) return false;
    u->call.anomaly = false; /* anomaly mode checks forward and backward passes only */
    return true;
}

/* Prepares an update for each parameter that has a gradient. *prepared counts them, also if a later
 * one fails. */
static bool prepare_all(cd_optimizer *o, update *updates, int64_t *prepared)
{
    bool done = true;
    for (int64_t i = 0; i < o->count && done; i++) {
        update *u = &updates[*prepared];
        u->entry = &o->entries[i];
        cd_scope scope = cd_scope_begin();
        u->grad = cd_grad(u->entry->parameter);
        done = cd_ok() && (!u->grad || prepare(o, u));
        if (done && u->grad) {
            cd_object_own(&u->grad->object);
            ++*prepared;
        }
        (void)cd_scope_end(scope);
    }
    return done;
}

/* Whether the gradient's memory may be that of a parameter: another tensor uses it, or the gradient
 * has a history of its own, as a leaf that is optimized has. */
static bool is_shared(const cd_tensor *grad)
{
    return grad->storage->borrowed || grad->extension ||
           atomic_load(&grad->storage->references) > 1;
}

/* Commits the updates: in one launch, unless one of them might read what another one writes. */
static void commit_all(const cd_optimizer *o, update *updates, int64_t count, cd_call **calls,
                       const cd_launch **launches)
{
    bool apart = !o->overlaps;
    for (int64_t i = 0; i < count; i++) {
        calls[i] = &updates[i].call;
        apart &= !is_shared(updates[i].grad);
    }
    if (apart) cd_call_commit_all(calls, launches, count);
    for (int64_t i = 0; i < count; i++) {
        if (!apart) cd_call_commit(calls[i]);
        (void)cd_call_finish(calls[i]);
    }
}

/* Prepares all updates before it runs the first one, so that all parameters change or none. */
static bool step(cd_optimizer *o)
{
    const size_t n = (size_t)o->count;
    int64_t prepared = 0;
    update *updates = cd_alloc(n * sizeof *updates);
    cd_call **calls = cd_alloc(n * sizeof *calls);
    const cd_launch **launches = cd_alloc(n * sizeof *launches);
    const bool done = updates && calls && launches && prepare_all(o, updates, &prepared);
    if (done) commit_all(o, updates, prepared, calls, launches);
    for (int64_t i = 0; i < prepared; i++) {
        if (!done) cd_call_cancel(&updates[i].call);
        cd_object_disown(&updates[i].grad->object);
    }
    cd_free(updates);
    cd_free(calls);
    cd_free(launches);
    return done && cd_ok();
}

bool cd_step(cd_optimizer *o)
{
    if (!cd_ok() || !cd_check_optimizer(o, "step", "the optimizer")) return false;
    cd_scope mode = cd_grad_mode_begin(false);
    bool done = cd_ok() && step(o);
    (void)cd_scope_end(mode);
    return done;
}
