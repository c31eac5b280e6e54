/* What a tensor knows of the graph: the node that computed it, or, for a leaf, its gradient. The
 * public functions of autograd.h that ask for these are here too. */
#include <pthread.h>
#include <string.h>

#include "autograd/dispatch/graph_internal.h"
#include "autograd/hooks_internal.h"
#include "autograd/dispatch/call_internal.h"
#include "core/error_internal.h"
#include "core/fork_internal.h"
#include "core/slab_internal.h"

/* --- locks ------------------------------------------------------------------------------------ */

/* Threads share leaves, so a leaf's gradient is read and replaced under a lock. Leaves share these
 * few locks: with one for each leaf there would be many, and they are rarely contended. */
enum { GRAD_LOCKS = 16 };

#define ONE_LOCK   PTHREAD_MUTEX_INITIALIZER
#define FOUR_LOCKS ONE_LOCK, ONE_LOCK, ONE_LOCK, ONE_LOCK
static pthread_mutex_t grad_locks[GRAD_LOCKS] = { FOUR_LOCKS, FOUR_LOCKS, FOUR_LOCKS, FOUR_LOCKS };

static pthread_mutex_t *lock_of(const cd_tensor *leaf)
{
    return &grad_locks[((uintptr_t)leaf >> 8) % GRAD_LOCKS];
}

void cd_grad_lock(const cd_tensor *leaf)
{
    pthread_mutex_lock(lock_of(leaf));
}

void cd_grad_unlock(const cd_tensor *leaf)
{
    pthread_mutex_unlock(lock_of(leaf));
}

/* One pass at a time accumulates its gradients: what it has prepared from the gradients of leaves
 * must still be right when it changes them. */
static pthread_mutex_t accumulation = PTHREAD_MUTEX_INITIALIZER;

void cd_accumulation_lock(void)
{
    pthread_mutex_lock(&accumulation);
}

void cd_accumulation_unlock(void)
{
    pthread_mutex_unlock(&accumulation);
}

/* A fork takes all locks, in the order in which a backward pass does: see core/fork_internal.h. */
static void before_fork(void)
{
    cd_accumulation_lock();
    for (int i = 0; i < GRAD_LOCKS; i++) pthread_mutex_lock(&grad_locks[i]);
}

static void after_fork(void)
{
    for (int i = 0; i < GRAD_LOCKS; i++) pthread_mutex_unlock(&grad_locks[i]);
    cd_accumulation_unlock();
}

__attribute__((constructor(CD_FORK_OUTER))) static void register_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

/* --- the life of a cd_variable ---------------------------------------------------------------- */

/* Removes the gradient of t and returns it; its ownership goes to the caller. NULL for none. */
static cd_tensor *take_gradient(cd_tensor *t)
{
    cd_variable *v = cd_variable_of(t);
    cd_grad_lock(t);
    cd_tensor *grad = v->grad;
    v->grad = NULL;
    cd_grad_unlock(t);
    return grad;
}

/* Called when the last owner of t has gone: frees its gradient, since nobody can ask for it any
 * more. A gradient made with create_graph may lead back to t, a cycle that ends here. The test
 * needs no lock: a pass that sets a gradient now looks for owners afterwards (commit_leaf() in
 * engine_leaves.c). */
static void last_owner(cd_tensor *t)
{
    if (cd_variable_of(t)->grad) cd_object_disown((cd_object *)take_gradient(t));
}

static void destroy(cd_tensor *t)
{
    cd_variable *v = cd_variable_of(t);
    if (v->retain) cd_hook_take_out(v->retain);
    if (cd_hook_any(&v->hooks)) cd_hook_clear(&v->hooks);
    cd_object_disown((cd_object *)v->grad);
    cd_object_unref((cd_object *)v->grad_fn);
    cd_slab_give(v, sizeof *v);
}

/* "Invalid" is what PyTorch prints for such a view. */
static const char *grad_fn_name(const cd_tensor *t)
{
    if (cd_view_history_lost(t)) return "Invalid";
    if (!cd_view_update_history(t, "print")) return NULL;
    cd_node *node = cd_grad_fn_of(t);
    return node ? cd_node_name(node) : NULL;
}

static const cd_extension functions = { last_owner, destroy, grad_fn_name };

static __attribute__((noinline)) cd_variable *make_variable(cd_tensor *t)
{
    cd_variable *v = cd_slab_take(sizeof *v);
    if (!v) return NULL;
    v->functions = &functions;
    const cd_extension **none = NULL;
    if (atomic_compare_exchange_strong(&t->extension, &none, &v->functions)) return v;
    cd_slab_give(v, sizeof *v); /* another thread was first */
    return cd_variable_of(t);
}

cd_variable *cd_variable_need(cd_tensor *t)
{
    return t->extension ? cd_variable_of(t) : make_variable(t);
}

/* --- history and edges ------------------------------------------------------------------------ */

bool cd_set_history(cd_tensor *t, cd_node *node, int index)
{
    cd_variable *v = cd_variable_need(t);
    if (!v) return false;
    cd_object_ref(&node->object);
    if (v->retain) cd_move_retain_hook(v, node, index);
    cd_object_unref((cd_object *)v->grad_fn);
    v->grad_fn = node;
    v->output = index;
    return true;
}

cd_value_info cd_edge_info(cd_edge edge)
{
    if (edge.target->class_ == &cd_node_class) {
        return ((cd_node *)edge.target)->output[edge.index];
    }
    const cd_tensor *leaf = (const cd_tensor *)edge.target;
    return (cd_value_info){ leaf->dtype, leaf->shape };
}

cd_device cd_edge_device(cd_edge edge)
{
    if (edge.target->class_ == &cd_node_class) {
        return (cd_device)((cd_node *)edge.target)->device;
    }
    return cd_tensor_device((const cd_tensor *)edge.target);
}

/* --- gradients -------------------------------------------------------------------------------- */

cd_tensor *cd_grad_own(cd_tensor *t)
{
    cd_grad_lock(t);
    cd_tensor *grad = cd_variable_of(t)->grad;
    if (grad) cd_object_own(&grad->object);
    cd_grad_unlock(t);
    return grad;
}

bool cd_grad_put(cd_tensor *leaf, cd_tensor *gradient)
{
    cd_variable *v = cd_variable_of(leaf);
    cd_grad_lock(leaf);
    const bool has = v->grad != NULL;
    if (!has) {
        v->grad = gradient;
        cd_object_own(&gradient->object);
    }
    cd_grad_unlock(leaf);
    return !has;
}

/* --- public ----------------------------------------------------------------------------------- */

bool cd_requires_grad(const cd_tensor *t)
{
    return cd_check_tensor(t, "requires_grad", "the tensor") && cd_view_tracks(t);
}

bool cd_is_leaf(const cd_tensor *t)
{
    return cd_check_tensor(t, "is_leaf", "the tensor") && cd_view_update_history(t, "is_leaf") &&
           !cd_grad_fn_of(t);
}

const char *cd_grad_fn_name(const cd_tensor *t)
{
    if (!cd_check_tensor(t, "grad_fn_name", "the tensor")) return NULL;
    return cd_view_update_history(t, "grad_fn_name") ? grad_fn_name(t) : NULL;
}

cd_tensor *cd_set_requires_grad(cd_tensor *t, bool requires_grad)
{
    if (!cd_ok() || !cd_check_tensor(t, "set_requires_grad", "the tensor") ||
        !cd_view_update_history(t, "set_requires_grad")) {
        return NULL;
    }
    if (cd_grad_fn_of(t)) {
        if (requires_grad) return t;
        (void)cd_fail(CD_ERR_AUTOGRAD,
                      "set_requires_grad: only a leaf can stop requiring gradients, "
                      "and this tensor was computed (%s): take cd_detach of it",
                      grad_fn_name(t));
        return NULL;
    }
    if (requires_grad && !cd_dtype_is_floating(t->dtype)) {
        (void)cd_fail(CD_ERR_DTYPE,
                      "set_requires_grad: only floating tensors can require gradients, "
                      "not %s",
                      cd_dtype_name(t->dtype));
        return NULL;
    }
    t->requires_grad = requires_grad;
    return t;
}

cd_tensor *cd_grad(cd_tensor *t)
{
    if (!cd_check_tensor(t, "grad", "the tensor")) return NULL;
    cd_variable *v = cd_variable_of(t);
    if (!v) return NULL;
    if (v->grad_fn && !v->retain) {
        cd_log_line(CD_LOG_WARNING,
                    "grad: this tensor is no leaf (%s), so no gradient is kept for it without "
                    "cd_retain_grad",
                    grad_fn_name(t));
        return NULL;
    }
    cd_tensor *grad = cd_hand(cd_grad_own(t));
    return !grad || !cd_is_capturing() || cd_capture_met_gradient(t, grad) ? grad : NULL;
}

bool cd_grad_drop(cd_tensor *t)
{
    if (!cd_ok() || !cd_check_tensor(t, "grad_drop", "the tensor")) return false;
    if (cd_is_capturing()) {
        cd_graph_step *step = cd_capture_gradient(CD_STEP_DROP, t, NULL);
        if (!step) return false;
        cd_capture_commit(step);
    }
    if (!t->extension) return true;
    cd_accumulation_lock(); /* no pass has prepared an addition to the gradient */
    cd_tensor *grad = take_gradient(t);
    cd_accumulation_unlock();
    cd_object_disown((cd_object *)grad); /* may run a user's code, so without a lock */
    return true;
}

bool cd_grad_zero_(cd_tensor *t)
{
    if (!cd_ok() || !cd_check_tensor(t, "grad_zero_", "the tensor")) return false;
    cd_scope scope = cd_scope_begin();
    cd_variable *v = cd_variable_of(t);
    cd_tensor *grad = v && (!v->grad_fn || v->retain) ? cd_grad(t) : NULL;
    if (grad) {
        cd_scope mode = cd_grad_mode_begin(false);
        (void)cd_zero_(grad);
        (void)cd_scope_end(mode);
    }
    (void)cd_scope_end(scope);
    return cd_ok();
}
