/* Views whose memory is changed in place while a graph is recorded.
 *
 * A view has a base: the tensor, itself no view, that the view, or the chain of views before it,
 * was taken of. A base does not hold its views, so there is no cycle.
 *
 * When a view v of the base b is changed in place, the op records its node for v, as for any
 * tensor. Then b gets a node too, CopySlices, which says what b is now: as before outside of v, and
 * the op's result inside of v.
 *
 *     b' = b outside of v, op(v) inside        db = db' with 0 inside of v;  d op(v) = db' inside v
 *
 * Its first edge goes to what computed b, its second to the op's node; from there an edge leads
 * through v's earlier history to b. (PyTorch's CopySlices holds the op's node and calls it. With an
 * edge to it the engine needs no special case.)
 *
 * Every other view of b, and v itself, now has a history that is out of date: the version of the
 * storage is above the view's known_version. The history is made anew when it is asked for
 * (cd_view_update_history), as that of cd_as_strided of the base. Several threads may do this for
 * one view at once: each makes a node, and the first one to finish sets its own. */
#include "autograd/hooks_internal.h"
#include "autograd/ops_internal.h"

/* --- what a view is --------------------------------------------------------------------------- */

/* A view without a base needs no history: it shows integers, or a constant and was made while no
 * graph was recorded. */
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

bool cd_view_history_lost(const cd_tensor *t)
{
    return t->fixed_history && t->base && cd_tracks(t->base) &&
           atomic_load_explicit(&t->known_version, memory_order_acquire) !=
               cd_storage_version(t->storage);
}

/* --- a history made anew ---------------------------------------------------------------------- */

/* Records cd_as_strided of the base, in any grad mode, since under CD_NO_GRAD() a history may be
 * asked for too. The node, with a reference for the caller; NULL with an error. */
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

bool cd_view_make_history(cd_tensor *t, const char *function)
{
    if (!cd_view_shares_base(t) || !cd_tracks(t->base)) return true;
    if (t->fixed_history) {
        return cd_fail(
            CD_ERR_AUTOGRAD,
            "%s: a view was made under CD_NO_GRAD() or by a function of one's own, or is "
            "one of several (cd_split, cd_unbind), and what it views was changed in "
            "place since, so it has no history to follow: take the view again in grad "
            "mode, or cd_detach of it",
            function);
    }
    cd_variable *v = cd_variable_need(t);
    cd_node *node = v ? node_over_base(t) : NULL;
    if (!node) return false;
    uint32_t version = cd_storage_version(t->storage);
    cd_grad_lock(t);
    if (atomic_load_explicit(&t->known_version, memory_order_relaxed) != version) {
        cd_node *old = v->grad_fn;
        if (v->retain) cd_move_retain_hook(v, node, 0);
        v->grad_fn = node;
        v->output = 0;
        node = old;
        atomic_store_explicit(&t->known_version, version, memory_order_release);
    }
    cd_grad_unlock(t);
    cd_object_unref((cd_object *)node); /* without the lock: this may free a whole graph */
    return true;
}

bool cd_views_update_history(cd_tensor *const *input, int inputs, const char *function,
                             bool *tracked)
{
    for (int i = 0; i < inputs; i++) {
        if (!input[i] || !input[i]->is_view) continue;
        if (!cd_view_update_history(input[i], function)) return false;
        *tracked |= cd_view_tracks(input[i]);
    }
    return true;
}

/* --- a change in place ------------------------------------------------------------------------ */

bool cd_check_view_changeable(const char *function, const cd_tensor *x)
{
    if (x->fixed_history) {
        return cd_fail(
            CD_ERR_AUTOGRAD,
            "%s: a view that was made under CD_NO_GRAD() or by a function of one's own, or "
            "is one of several (cd_split, cd_unbind), or that goes into or out of a module with "
            "full backward hooks, is changed in place in grad mode: "
            "do both under CD_NO_GRAD() if the change is not to be recorded, else "
            "change a copy (cd_clone)",
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

static bool is_row_major(const cd_layout *base)
{
    return cd_strides_contiguous(&base->shape, base->stride);
}

/* The elements of dy, in the order in which the base's are in its storage, from the base's first
 * one on: so the view's layout, counted from there, finds the view's part. With `own` it is always
 * a copy. */
static cd_tensor *in_order_of_base(cd_tensor *dy, const cd_layout *base, bool own)
{
    if (is_row_major(base)) {
        return own ? cd_clone(dy) : cd_contiguous(dy);
    }
    return cd_as_strided_backward(dy, cd_layout_end(base), base);
}

/* The part of x that has this layout; offsets count from x's first element. */
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
        cd_tensor *outside = in_order_of_base(dy[0], &a->base, true);
        (void)cd_zero_(part(outside, &a->view));
        dx[0] = is_row_major(&a->base) ? outside : part(outside, &a->base);
    }
    if (cd_wanted(node, 1)) dx[1] = part(in_order_of_base(dy[0], &a->base, false), &a->view);
}

/* An op that is never called: only its nodes exist. `once`: PyTorch's CopySlices frees the op's
 * node after a pass, and so refuses a second one. */
const cd_op cd_op_copy_slices = {
    .name = "copy_slices",
    .grad_fn = "CopySlices",
    .formula = "b' = b outside of a view, what the op made of it inside",
    .gradient = "db = db' with 0 in the view's places",
    .dtypes = "floating",
    .once = true,
    CD_OP_ATTRIBUTES(cd_copy_slices_attributes, cd_no_fields),
    .backward = backward,
};

/* The CopySlices node of the view's base, still without edges. */
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

/* `inner` is the op's node. An op that overwrites the view gives it no gradient; then the edge from
 * `inner` to the view's history is removed, and only the base's gradient outside of the view is
 * left. */
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
    if (!x->is_view || !cd_view_shares_base(x)) return cd_variable_need(x) != NULL;
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
