/* The end of a backward pass: gradients are accumulated in leaves, and in computed tensors that
 * retain their gradient (cd_retain_grad).
 *
 * In three steps, so that all gradients change or none:
 *   1. the hooks of leaves run on the gradients that have arrived;
 *   2. under the accumulation lock, everything that can fail is prepared for each tensor, then all
 *      gradients change, which cannot fail;
 *   3. without the lock, post-accumulate hooks run.
 *
 * A destroyed tensor can run a user's code (the destroy function of a hook), which may take the
 * same locks: so nothing is freed while a lock is held. */
#include <stdatomic.h>

#include "autograd/engine_run_internal.h"
#include "autograd/hooks_internal.h"
#include "autograd/dispatch/graph_internal.h"
#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"

/* Whether the item is a tensor: a leaf, or a computed tensor that retains its gradient. */
static bool is_tensor(const cd_pending *p)
{
    return p->target && p->target->class_ == &cd_tensor_class;
}

/* Whether the gradient of this tensor changes. cd_autograd_grad changes only retained gradients of
 * computed tensors. A leaf may have ceased to require gradients since the graph was made. */
static bool takes_gradient(const cd_pass *pass, const cd_pending *p)
{
    if (!is_tensor(p)) return false;
    if (p->retains) return true;
    return !pass->options.requested && cd_tracks((const cd_tensor *)p->target);
}

/* Whether this may be the gradient of some leaf already, or a view of one: so when the caller, a
 * hook or a cd_function gave it. The gradient of a leaf has an owner. */
static bool may_be_of_a_leaf(const cd_tensor *gradient)
{
    return atomic_load(&gradient->object.owners) > 0 ||
           atomic_load(&gradient->storage->references) > 1 || gradient->storage->borrowed;
}

/* --- additions -------------------------------------------------------------------------------- */

/* A call of cd_add_ that is prepared, so that it cannot fail any more: see call_internal.h. */
typedef struct cd_addition {
    cd_operand in[2]; /* the earlier gradient, to which a reference is held, and what to add */
    cd_call call;
    bool done; /* committed */
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
        /* Anomaly mode has checked the gradients already, and must not fail this call later. */
        a->call.anomaly = false;
        cd_object_ref(&before->object);
        p->addition = a;
        return true;
    }
    cd_free(a);
    return false;
}

static void release_addition(cd_pending *p)
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

/* What the tensor will have as its gradient, or what will be added to its earlier gradient.
 *   no earlier gradient: what arrived. A copy of it if something else holds it too (another leaf,
 *       the caller, a graph), so that no two leaves share a gradient.
 *   a leaf, without create_graph: what is added to the earlier gradient, in place. A copy if it may
 *       be, or show, another leaf's gradient, which might be added to before this one.
 *   with create_graph, or a retained gradient: the sum, a new tensor, which takes its place. */
static cd_tensor *leaf_gradient(const cd_pass *pass, cd_pending *p, cd_tensor *before)
{
    cd_tensor *mine = p->gradient[0];
    bool graph = pass->options.create_graph;
    if (!before) return cd_only_pass_has(mine) && !graph ? mine : cd_clone(mine);
    if (!graph && !p->retains) return may_be_of_a_leaf(mine) ? cd_clone(mine) : mine;
    p->replaces = true;
    return cd_add(before, mine);
}

/* While a graph is captured: makes a step of what is about to happen to the leaf. False with an
 * error for what a graph cannot do. */
static bool capture_leaf(cd_pending *p, cd_tensor *before, bool adds)
{
    cd_tensor *leaf = (cd_tensor *)p->target;
    if (!cd_is_capturing()) return true;
    if (p->retains) {
        return cd_check_not_captured("backward", "a computed tensor retains its gradient");
    }
    if (p->replaces) return cd_check_not_captured("backward", "a graph leads through a gradient");
    if (adds) return cd_capture_met_gradient(leaf, before);
    p->captured = cd_capture_gradient(CD_STEP_PUT, leaf, p->gradient[0]);
    return p->captured != NULL;
}

/* All that can fail. The result is in p->gradient[0], and p->addition if that is to be added. */
static bool prepare_leaf(cd_pass *pass, cd_pending *p)
{
    cd_tensor *leaf = (cd_tensor *)p->target;
    const cd_variable *v = cd_variable_need(leaf);
    if (!v) return false;
    p->hooked = !p->retains && cd_hook_any(&v->hooks);
    pass->hooked |= p->hooked;
    cd_scope scope = cd_scope_begin();
    cd_tensor *before = cd_hand(cd_grad_own(leaf));
    cd_tensor *ready = cd_ok() ? leaf_gradient(pass, p, before) : NULL;
    const bool adds = ready && before && !p->replaces;
    if (adds && (!capture_leaf(p, before, true) || !prepare_addition(p, before, ready))) {
        ready = NULL;
    }
    if (ready && ready != p->gradient[0]) {
        cd_object_ref(&ready->object);
        p->gradient[1] = p->gradient[0];
        p->gradient[0] = ready;
    }
    const bool done = ready && (adds || capture_leaf(p, before, false));
    (void)cd_scope_end(scope);
    return done;
}

/* Changes the gradient. A leaf that nobody owns any more gets none, since nobody could ask for it,
 * and a gradient with a graph may be in a cycle with its leaf. Another thread may give up the last
 * ownership at this moment: it first does so and then looks for a gradient (last_owner() in
 * variable.c), while this function first sets the gradient and then looks for owners. So at least
 * one of them sees the other, and removes the gradient. */
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
        cd_capture_commit(p->captured);
        p->captured = NULL;
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

static bool accumulate(cd_pass *pass)
{
    bool done = true;
    cd_accumulation_lock();
    for (int64_t i = 0; i < pass->count && done; i++) {
        if (takes_gradient(pass, &pass->items[i])) done = prepare_leaf(pass, &pass->items[i]);
    }
    for (int64_t i = 0; i < pass->count && done; i++) {
        if (takes_gradient(pass, &pass->items[i])) commit_leaf(&pass->items[i]);
    }
    cd_accumulation_unlock();
    for (int64_t i = 0; i < pass->count; i++) {
        release_addition(&pass->items[i]);
        cd_capture_cancel(pass->items[i].captured);
        cd_object_disown((cd_object *)pass->items[i].old);
    }
    return done && cd_ok();
}

static bool run_leaf_hooks(cd_pass *pass)
{
    for (int64_t i = 0; i < pass->count; i++) {
        cd_pending *p = &pass->items[i];
        if (!is_tensor(p) || p->retains || !p->gradient[0]) continue;
        if (!cd_run_leaf_hooks((cd_tensor *)p->target, &p->gradient[0])) return false;
    }
    return true;
}

/* Skips a leaf that nobody owns, which got no gradient. `hooked` is not set for a leaf that does
 * not require gradients any more. */
static bool run_post_accumulate_hooks(cd_pass *pass)
{
    for (int64_t i = 0; i < pass->count && pass->hooked; i++) {
        const cd_pending *p = &pass->items[i];
        if (!p->hooked || atomic_load(&p->target->owners) == 0) continue;
        if (!cd_run_accumulate_hooks((cd_tensor *)p->target)) return false;
    }
    return true;
}

bool cd_engine_finish_leaves(cd_pass *pass)
{
    if (!run_leaf_hooks(pass) || !accumulate(pass)) return false;
    return pass->options.requested || run_post_accumulate_hooks(pass);
}
