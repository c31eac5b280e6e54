/* What a backward pass brings to leaves, and to computed tensors that keep their gradient.
 *
 * Everything that can fail is prepared first; then all gradients are put in place, or none. */
#include <stdatomic.h>

#include "autograd/engine_run_internal.h"
#include "autograd/hooks_internal.h"
#include "autograd/op/graph_internal.h"
#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"

static bool is_leaf(const cd_pending *p)
{
    return p->target && p->target->class_ == &cd_tensor_class;
}

/* With gradients that are asked for, only what computed tensors retain is put in place. A leaf may
 * have ceased to require gradients since the graph was made. */
static bool is_kept(const cd_run *r, const cd_pending *p)
{
    if (!is_leaf(p) || p->retains) return is_leaf(p);
    return !r->options.wanted && cd_tracks((const cd_tensor *)p->target);
}

static cd_tensor *grad_of(cd_tensor *leaf)
{
    return cd_hand(cd_grad_held(leaf));
}

/* It may be a gradient that a leaf has already, or show a part of one: given by the caller, a hook,
 * or a rule of the user's own. What leaves hold has an owner. */
static bool may_be_kept(const cd_tensor *gradient)
{
    return atomic_load(&gradient->object.owners) > 0 ||
           atomic_load(&gradient->storage->references) > 1 || gradient->storage->borrowed;
}

/* --- additions -------------------------------------------------------------------------------- */

/* An addition in place that is prepared, so that it cannot fail any more. */
typedef struct cd_addition {
    cd_operand in[2];
    cd_call call;
    bool done;
} cd_addition;

static bool prepare_addition(cd_pending *p, cd_tensor *before, cd_tensor *mine)
{
    cd_addition *a = cd_alloc(sizeof *a);
    if (!a) return false;
    a->done = false;
    a->in[0] = cd_operand_tensor(before);
    a->in[1] = cd_operand_tensor(mine);
    cd_call_begin(&a->call, &cd_op_add, a->in, 2);
    a->call.in_place = true;
    if (cd_call_prepare(&a->call)) {
        /* Whatever makes the sum overflow was looked at where it was made. */
        a->call.anomaly = false;
        cd_object_ref(&before->object);
        p->addition = a;
        return true;
    }
    cd_free(a);
    return false;
}

/* What is freed may run code of the user's, so this holds no lock. */
static void give_up_addition(cd_pending *p)
{
    cd_addition *a = p->addition;
    if (!a) return;
    cd_tensor *before = a->in[0].tensor;
    if (a->done) {
        (void)cd_call_finish(&a->call);
    } else {
        cd_call_cancel(&a->call);
    }
    cd_free(a);
    p->addition = NULL;
    cd_object_unref(&before->object);
}

/* --- leaves ----------------------------------------------------------------------------------- */

/* What a leaf will hold, or what will be added to it. An earlier gradient is added to in place at
 * the end, which cannot fail, unless a graph is wanted through the sum; what is added is a copy
 * where it could change with a gradient that is added to before. A first gradient is copied when
 * something else holds it too (another leaf, the caller, a graph), so that no two leaves share one.
 * A retained gradient is replaced by the sum. */
static cd_tensor *leaf_gradient(const cd_run *r, cd_pending *p, cd_tensor *before)
{
    cd_tensor *mine = p->gradient[0];
    bool graph = r->options.create_graph;
    if (!before) return cd_gradient_alone(mine) && !graph ? mine : cd_clone(mine);
    if (!graph && !p->retains) return may_be_kept(mine) ? cd_clone(mine) : mine;
    p->replaces = true;
    return cd_add(before, mine);
}

/* What is about to happen to a leaf, for the graph that is captured. */
static bool note(cd_pending *p, cd_tensor *before, bool adds)
{
    cd_tensor *leaf = (cd_tensor *)p->target;
    if (!cd_is_capturing()) return true;
    if (p->retains) {
        return cd_check_not_captured("backward", "a computed tensor retains its gradient");
    }
    if (p->replaces) return cd_check_not_captured("backward", "a graph leads through a gradient");
    if (adds) return cd_capture_met_gradient(leaf, before);
    p->noted = cd_capture_gradient(CD_STEP_PUT, leaf, p->gradient[0]);
    return p->noted != NULL;
}

static bool prepare_leaf(cd_run *r, cd_pending *p)
{
    cd_tensor *leaf = (cd_tensor *)p->target;
    const cd_variable *v = cd_variable_need(leaf);
    if (!v) return false;
    p->called = !p->retains && cd_hook_any(&v->hooks);
    r->called |= p->called;
    cd_scope scope = cd_scope_begin();
    cd_tensor *before = grad_of(leaf);
    cd_tensor *ready = cd_ok() ? leaf_gradient(r, p, before) : NULL;
    const bool adds = ready && before && !p->replaces;
    if (adds && (!note(p, before, true) || !prepare_addition(p, before, ready))) ready = NULL;
    if (ready && ready != p->gradient[0]) {
        cd_object_ref(&ready->object);
        p->gradient[1] = p->gradient[0];
        p->gradient[0] = ready;
    }
    const bool noted = ready && (adds || note(p, before, false));
    (void)cd_scope_end(scope);
    return noted;
}

/* A leaf that nobody owns any more could never be asked for its gradient. The last owner looks for
 * a gradient once it has left, and this for owners once the gradient is there: so one of the two
 * finds the other, and takes the gradient away. */
static void commit_leaf(cd_pending *p)
{
    cd_tensor *leaf = (cd_tensor *)p->target;
    cd_variable *v = cd_variable_of(leaf);
    cd_grad_lock(leaf);
    cd_tensor *old = v->grad;
    bool adds = p->addition && old == p->addition->in[0].tensor;
    if (!adds) v->grad = p->gradient[0];
    bool owned = atomic_load(&leaf->object.owners) > 0;
    if (owned) {
        cd_capture_commit(p->noted);
        p->noted = NULL;
    }
    if (!owned) {
        v->grad = old;
    } else if (adds) {
        cd_call_commit(&p->addition->call);
        p->addition->done = true;
    } else {
        cd_object_own(&p->gradient[0]->object);
        p->old = old;
    }
    cd_grad_unlock(leaf);
}

/* What is freed may run code of the user's, which may ask for the lock: so nothing is, here. */
static bool accumulate(cd_run *r)
{
    bool done = true;
    cd_accumulation_lock();
    for (int64_t i = 0; i < r->count && done; i++) {
        if (is_kept(r, &r->items[i])) done = prepare_leaf(r, &r->items[i]);
    }
    for (int64_t i = 0; i < r->count && done; i++) {
        if (is_kept(r, &r->items[i])) commit_leaf(&r->items[i]);
    }
    cd_accumulation_unlock();
    for (int64_t i = 0; i < r->count; i++) {
        give_up_addition(&r->items[i]);
        cd_capture_cancel(r->items[i].noted);
        cd_object_disown((cd_object *)r->items[i].old);
    }
    return done && cd_ok();
}

static bool run_leaf_hooks(cd_run *r)
{
    for (int64_t i = 0; i < r->count; i++) {
        cd_pending *p = &r->items[i];
        if (!is_leaf(p) || p->retains || !p->gradient[0]) continue;
        if (!cd_run_leaf_hooks((cd_tensor *)p->target, &p->gradient[0])) return false;
    }
    return true;
}

/* A leaf that nobody owns has no gradient in place, and one that requires none any more was not
 * prepared for it. */
static bool call_accumulated(cd_run *r)
{
    for (int64_t i = 0; i < r->count && r->called; i++) {
        const cd_pending *p = &r->items[i];
        if (!p->called || atomic_load(&p->target->owners) == 0) continue;
        if (!cd_run_accumulate_hooks((cd_tensor *)p->target)) return false;
    }
    return true;
}

bool cd_engine_finish_leaves(cd_run *r)
{
    if (!run_leaf_hooks(r) || !accumulate(r)) return false;
    return r->options.wanted || call_accumulated(r);
}
