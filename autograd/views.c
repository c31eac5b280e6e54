/* Views whose storage is changed in place while a graph is recorded.
 *
 * A view knows its base: the tensor, itself no view, that it or a chain of views before it shows a
 * part of. The base knows nothing of its views, so there is no cycle.
 *
 * When a view v of the base b is changed in place, the op records its node over v as for any
 * tensor. Then b gets the node CopySlices, which says what b is now: what it was, but for the
 * elements that v shows, which are the op's result.
 *
 *     b' = b outside v, op(v) inside           db = db' with 0 inside v;  d op(v) = db' inside v
 *
 * Its edges go to what b was computed by and to the op's node, whose own edge leads on through v's
 * earlier history to b. PyTorch has one node that holds the op's; here the engine needs to know
 * nothing of it.
 *
 * The version of the storage says whether a view's history still is right. If it is not, it is made
 * anew when next asked for, as that of a cd_as_strided of the base; so it is with v itself. Several
 * threads may ask one view at once: each makes a node, and the first puts its own in place. */
#include "autograd/hooks_internal.h"
#include "autograd/ops_internal.h"

/* --- what a view is --------------------------------------------------------------------------- */

/* The base is held where it has, or can come to have, a history: not of integers, nor of constants
 * that only pass through while nothing is recorded. */
void cd_view_of(cd_tensor *t, cd_tensor *of)
{
    cd_tensor *base = of->is_view ? of->base : of;
    bool recording = cd_grad_enabled();
    t->is_view = true;
    t->fixed_history = of->fixed_history || !recording;
    atomic_init(&t->known_version, cd_storage_version(t->storage));
    if (!base || !cd_dtype_is_floating(t->dtype) || (!recording && !cd_tracks(base))) return;
    cd_object_ref(&base->object);
    t->base = base;
}

void cd_view_forget(cd_tensor *t)
{
    t->is_view = t->fixed_history = false;
    if (t->base) cd_object_unref(&t->base->object);
    t->base = NULL;
}

bool cd_view_lost(const cd_tensor *t)
{
    return t->fixed_history && t->base && cd_tracks(t->base) &&
           atomic_load_explicit(&t->known_version, memory_order_acquire) !=
               cd_storage_version(t->storage);
}

/* --- a history made anew ---------------------------------------------------------------------- */

/* The node, referenced; NULL with an error. Recorded under CD_NO_GRAD() too: there a history may be
 * looked at. */
static cd_node *node_over_base(cd_tensor *t)
{
    cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    cd_scope mode = cd_grad_mode_begin(true);
    const cd_tensor *y = mode.depth < 0 ? NULL : cd_as_layout(t->base, &t->layout, t->offset);
    cd_node *node = y ? cd_grad_fn_of(y) : NULL;
    if (node) cd_object_ref(&node->object);
    if (mode.depth >= 0) (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    return node;
}

bool cd_view_renew(cd_tensor *t, const char *function)
{
    if (!cd_view_follows(t) || !cd_tracks(t->base)) return true;
    if (t->fixed_history) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: a view was made under CD_NO_GRAD() or by a function of one's own, and "
                       "what it views was changed in place since, so it has no history to follow: "
                       "take the view again in grad mode, or cd_detach of it",
                       function);
    }
    cd_variable *v = cd_variable_need(t);
    cd_node *node = v ? node_over_base(t) : NULL;
    if (!node) return false;
    uint32_t version = cd_storage_version(t->storage);
    cd_grad_lock(t);
    if (atomic_load_explicit(&t->known_version, memory_order_relaxed) != version) {
        cd_node *old = v->grad_fn;
        if (v->retain) cd_retained_follows(v, node, 0);
        v->grad_fn = node;
        v->output = 0;
        node = old;
        atomic_store_explicit(&t->known_version, version, memory_order_release);
    }
    cd_grad_unlock(t);
    cd_object_unref((cd_object *)node); /* outside the lock: a whole graph may go with it */
    return true;
}

bool cd_views_current(cd_tensor *const *input, int inputs, const char *function, bool *tracked)
{
    for (int i = 0; i < inputs; i++) {
        if (!input[i] || !input[i]->is_view) continue;
        if (!cd_view_current(input[i], function)) return false;
        *tracked |= cd_view_tracks(input[i]);
    }
    return true;
}

/* --- a change in place ------------------------------------------------------------------------ */

bool cd_check_view_changeable(const char *function, const cd_tensor *x)
{
    if (x->fixed_history) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: a view that was made under CD_NO_GRAD() or by a function of one's own "
                       "is changed in place in grad mode: do both under CD_NO_GRAD() if the change "
                       "is not to be recorded, else change a copy (cd_clone)",
                       function);
    }
    if (x->base && cd_view_tracks(x) && !cd_grad_fn_of(x->base)) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: a view of a leaf that requires gradients is changed in place: do it "
                       "under CD_NO_GRAD(), or on a copy (cd_clone)",
                       function);
    }
    return true;
}

static bool lies_in_order(const cd_layout *base)
{
    return cd_strides_contiguous(&base->shape, base->stride);
}

/* dy as the base lies in its storage, in memory of its own or not: a tensor whose first element is
 * the base's, and from which the view's are as far away. */
static cd_tensor *laid_out(cd_tensor *dy, const cd_layout *base, bool own)
{
    if (lies_in_order(base)) {
        return own ? cd_clone(dy) : cd_contiguous(dy);
    }
    return cd_as_strided_backward(dy, cd_layout_end(base), base);
}

static cd_tensor *part(cd_tensor *x, const cd_layout *of)
{
    return x ? cd_as_layout(x, of, x->offset + of->offset) : NULL;
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_copy_slices_attributes *a = cd_attributes_of(node);
    if (node->freed) {
        (void)cd_fail_freed(node);
        return;
    }
    if (cd_wanted(node, 0)) {
        cd_tensor *outside = laid_out(dy[0], &a->base, true);
        (void)cd_zero_(part(outside, &a->view));
        dx[0] = lies_in_order(&a->base) ? outside : part(outside, &a->base);
    }
    if (cd_wanted(node, 1)) dx[1] = part(laid_out(dy[0], &a->base, false), &a->view);
}

/* A node of the graph that no call makes. PyTorch's holds the op's node, and gives it up. */
const cd_op cd_op_copy_slices = { .name = "copy_slices",
                                  .grad_fn = "CopySlices",
                                  .formula =
                                      "b' = b outside of a view, what the op made of it inside",
                                  .gradient = "db = db' with 0 in the view's places",
                                  .dtypes = "floating",
                                  .once = true,
                                  CD_OP_ATTRIBUTES(cd_copy_slices_attributes, cd_no_fields),
                                  .backward = backward };

static cd_node *make_node(const cd_tensor *view)
{
    const cd_tensor *base = view->base;
    cd_node *node = cd_node_new(&cd_op_copy_slices, 2, 1);
    if (!node) return NULL;
    cd_copy_slices_attributes *a = node->attributes;
    a->base = base->layout;
    a->view = view->layout;
    a->view.offset -= base->offset;
    a->base.offset = 0;
    node->output[0] = (cd_value_info){ base->dtype, base->shape };
    node->device = base->storage->device;
    return node;
}

/* What overwrites the view gives it no gradient, and the base has its own from outside of it. */
static void connect(cd_node *node, cd_node *inner, int index, cd_tensor *base)
{
    (void)cd_node_connect(node, 0, base);
    if (inner->op->overwrites) {
        cd_object_unref(inner->edge[0].target);
        inner->edge[0].target = NULL;
    }
    if (!cd_wanted_any(inner)) return;
    cd_object_ref(&inner->object);
    node->edge[1] = (cd_edge){ &inner->object, index };
}

bool cd_history_prepare(cd_tensor *x, cd_node *node, int index, cd_node **slices)
{
    *slices = NULL;
    if (!x->is_view || !cd_view_follows(x)) return cd_variable_need(x) != NULL;
    if (!cd_variable_need(x->base)) return false;
    *slices = make_node(x);
    if (*slices) connect(*slices, node, index, x->base);
    return *slices != NULL;
}

void cd_history_link(cd_tensor *x, cd_node *node, int index, cd_node *slices)
{
    if (!slices) {
        (void)cd_set_history(x, node, index);
    } else {
        (void)cd_set_history(x->base, slices, 0);
        cd_object_disown(&slices->object);
    }
}
