/* Runs the steps of a program in the reference: see graph_reference.h. */
#include "tests/fuzz/graph_reference.h"

#include <string.h>

#include "tests/fuzz/graph_history.h"

void ref_begin(reference *r)
{
    r->grad_mode = true;
    r->full = r->returned = false;
    r->tensors = r->storages = r->nodes = r->scalars = r->weights = r->hooks = 0;
    r->begin[0] = 0;
    for (int h = 0; h < GRAPH_HANDLES; h++) r->handle[h] = -1;
}

/* --- tensors ---------------------------------------------------------------------------------- */

static ref_tensor *new_tensor(reference *r, graph_shape shape, bool f64)
{
    ref_tensor *t = &r->tensor[r->tensors++];
    *t = (ref_tensor){ .f64 = f64,
                       .shape = shape,
                       .n = graph_elements(shape),
                       .node = -1,
                       .leaf_first = -1,
                       .base = -1 };
    return t;
}

/* A tensor with a storage of its own. The caller sets its values. */
static ref_tensor *new_stored(reference *r, graph_shape shape, bool f64)
{
    ref_tensor *t = new_tensor(r, shape, f64);
    t->storage = r->storages++;
    r->storage[t->storage].n = t->n;
    r->storage[t->storage].version = 0;
    for (int i = 0; i < t->n; i++) t->offset[i] = i;
    return t;
}

/* Puts the tensor into a handle, which owns it. */
static void set_handle(reference *r, int handle, ref_tensor *t)
{
    r->handle[handle] = (int)(t - r->tensor);
    t->owners++;
}

/* Frees a handle. A tensor's gradient is freed with its last handle. */
static void drop(reference *r, int handle)
{
    ref_tensor *t = ref_of(r, handle);
    if (--t->owners == 0) t->has_grad = false;
    r->handle[handle] = -1;
}

static ref_end leaf(reference *r, const graph_step *s)
{
    ref_tensor *t = new_stored(r, s->shape, s->f64);
    for (int i = 0; i < t->n; i++) {
        r->storage[t->storage].value[i] = graph_value(s->seed, i);
        r->storage[t->storage].error[i] = 0;
    }
    t->requires_grad = s->flag;
    set_handle(r, s->out[0], t);
    return REF_DONE;
}

/* --- calls ------------------------------------------------------------------------------------ */

/* Whether input k is only compared with a number, to make a mask. A comparison has no gradient. */
static bool is_mask(const graph_step *s, int k)
{
    return k == 1 && (s->op == GRAPH_WHERE || s->op == GRAPH_MASKED_FILL ||
                      s->op == GRAPH_MASKED_SELECT || s->op == GRAPH_MASKED_SCATTER);
}

/* vander of one column is made of ones. */
static bool has_gradient(const graph_step *s)
{
    const graph_op op = s->op;
    if (op == GRAPH_VANDER && s->to < 2) return false;
    return op != GRAPH_GT && op != GRAPH_ARGMAX_DIM && op != GRAPH_ONE_HOT && op != GRAPH_DETACH &&
           op != GRAPH_HISTC;
}

/* Brings the histories of all inputs up to date, if the step may be recorded. False when that is an
 * error. */
static bool update_histories(reference *r, const graph_step *s)
{
    if (!r->grad_mode || !has_gradient(s)) return true;
    for (int k = 0; k < s->inputs; k++) {
        if (!is_mask(s, k) && !ref_update_history(r, ref_of(r, s->in[k]))) return false;
    }
    return true;
}

/* Whether the step is recorded. */
static bool records(reference *r, const graph_step *s)
{
    bool tracked = false;
    for (int k = 0; k < s->inputs; k++) {
        if (!is_mask(s, k)) tracked |= ref_requires_grad(r, ref_of(r, s->in[k]));
    }
    return tracked && r->grad_mode && has_gradient(s);
}

static ref_call call_of(reference *r, const graph_step *s, bool record)
{
    ref_call c = { .r = r, .step = s, .inputs = s->inputs, .record = record };
    for (int k = 0; k < s->inputs; k++) {
        ref_tensor *t = ref_of(r, s->in[k]);
        c.in[k] = t;
        c.edge[k] = record && !is_mask(s, k) ? ref_edge_to(r, t) : (ref_edge){ -1, 0, -1, -1 };
    }
    return c;
}

/* Whether the results would be well conditioned and of the right shape, and the tables have
 * room. */
static bool can_be_done(reference *r, const graph_step *s)
{
    ref_call c = call_of(r, s, false);
    if (r->tensors + REF_OUTPUTS > REF_TENSORS) return false;
    ref_forward(&c);
    if (c.bad) return false;
    return !s->in_place || graph_changes_shape(s->op) ||
           graph_same_shape(c.out[0].shape, c.in[0]->shape);
}

static void store(reference *r, const ref_tensor *t, const struct ref_output *out)
{
    for (int e = 0; e < t->n; e++) {
        r->storage[t->storage].value[t->offset[e]] = out->value[e];
        r->storage[t->storage].error[t->offset[e]] = out->error[e];
    }
}

/* Makes t a view of the tensor `of`, or of the base of `of`. */
static void becomes_view(reference *r, ref_tensor *t, const ref_tensor *of)
{
    int base = of->is_view ? of->base : (int)(of - r->tensor);
    t->is_view = true;
    t->no_grad_view = of->no_grad_view || !r->grad_mode;
    t->history_version = r->storage[t->storage].version;
    if (base >= 0 && (r->grad_mode || ref_tracks(&r->tensor[base]))) t->base = base;
}

static ref_tensor *new_view(reference *r, const ref_tensor *x, graph_shape shape, const int *offset)
{
    ref_tensor *t = new_tensor(r, shape, x->f64);
    t->storage = x->storage;
    memcpy(t->offset, offset, (size_t)t->n * sizeof *offset);
    return t;
}

/* Whether the op, which is made of others, ends with a view of what it has computed. */
static bool ends_with_view(const ref_call *c)
{
    switch (c->step->op) {
    case GRAPH_INNER:
        return c->in[0]->shape.ndim > 0 && c->in[1]->shape.ndim > 0;
    case GRAPH_BILINEAR:
    case GRAPH_MULTI_DOT:
    case GRAPH_CHAIN_MATMUL:
    case GRAPH_COV:
    case GRAPH_INSTANCE_NORM:
        return true;
    default:
        return false;
    }
}

/* A view of the whole tensor, which no handle holds. */
static ref_tensor *whole_view(reference *r, ref_tensor *t)
{
    ref_tensor *v = new_view(r, t, t->shape, t->offset);
    becomes_view(r, v, t);
    if (ref_tracks(t)) (void)ref_set_view_history(r, v, t);
    return v;
}

/* Runs an op whose outputs are new tensors. */
static ref_end outputs(reference *r, const graph_step *s)
{
    ref_call c = call_of(r, s, records(r, s));
    ref_forward(&c);
    int node = c.record && !c.bad ? ref_make_node(&c) : -1;
    if (r->full) return REF_LEFT_OUT;
    for (int j = 0; j < c.outputs; j++) {
        ref_tensor *t = new_stored(r, c.out[j].shape, c.out[j].f64);
        store(r, t, &c.out[j]);
        t->may_be_view =
            s->op == GRAPH_MATMUL && (c.in[0]->shape.ndim > 2 || c.in[1]->shape.ndim > 2);
        /* Candela makes it of a clone and a copy in place; in PyTorch the version is 0. */
        if (s->op == GRAPH_DIAGONAL_SCATTER) r->storage[t->storage].version = 1;
        if (node >= 0 && !c.out[j].constant) {
            t->node = node;
            t->output = j;
        }
        if (node >= 0 && j == 0) ref_save_outputs(&c, node, t->storage);
        set_handle(r, s->out[j], ends_with_view(&c) ? whole_view(r, t) : t);
    }
    return r->full ? REF_LEFT_OUT : REF_DONE;
}

/* --- in place --------------------------------------------------------------------------------- */

static ref_end check_in_place(reference *r, const graph_step *s)
{
    ref_tensor *x = ref_of(r, s->in[0]);
    bool leaf = r->grad_mode && x->requires_grad && x->node < 0;
    if (s->op == GRAPH_FUNCTION_DIRTY) {
        if (leaf) return REF_AUTOGRAD;
        if (records(r, s) && x->may_be_view) return REF_LEFT_OUT;
        if (records(r, s) && x->is_view) return REF_UNSUPPORTED;
    } else if (records(r, s) && x->is_view) {
        bool of_leaf = x->base >= 0 && ref_requires_grad(r, x) && r->tensor[x->base].node < 0;
        if (x->no_grad_view || of_leaf) return REF_AUTOGRAD;
    }
    if (leaf) return REF_AUTOGRAD;
    return ref_overlaps(x) ? REF_ARGUMENT : REF_DONE;
}

/* Whether the change in place would make a tensor own itself through its graph for ever, in PyTorch
 * too: a leaf that no longer requires gradients becomes the result of a graph that contains it, or
 * is a view of such a tensor. Such steps are left out. */
static bool makes_cycle(const reference *r, const ref_tensor *x)
{
    int root = x->is_view && x->base >= 0 ? x->base : (int)(x - r->tensor);
    bool cycle = r->tensor[root].node < 0 && r->tensor[root].leaf_first >= 0;
    for (int i = 0; i < r->tensors && !cycle; i++) {
        const ref_tensor *t = &r->tensor[i];
        cycle = t->base == root && t->node < 0 && (t->requires_grad || t->leaf_first >= 0);
    }
    return cycle;
}

/* Runs an op in place. The version rises by 2 for a cd_function, as in PyTorch: once for the op in
 * it, and once for mark_dirty. */
static ref_end change(reference *r, const graph_step *s)
{
    ref_tensor *x = ref_of(r, s->in[0]);
    ref_end end = check_in_place(r, s);
    if (end != REF_DONE) return end;
    if (records(r, s) && makes_cycle(r, x)) return REF_LEFT_OUT;
    ref_call c = call_of(r, s, records(r, s));
    ref_forward(&c);
    int node = c.record && !c.bad ? ref_make_node(&c) : -1;
    if (r->full) return REF_LEFT_OUT;
    r->storage[x->storage].version += s->op == GRAPH_FUNCTION_DIRTY ? 2 : 1;
    store(r, x, &c.out[0]);
    if (node >= 0) {
        ref_save_outputs(&c, node, x->storage);
        ref_rewrite_history(r, x, node);
    }
    if (s->outputs > 0) set_handle(r, s->out[0], x);
    return REF_DONE;
}

/* --- views ------------------------------------------------------------------------------------ */

static ref_end view(reference *r, const graph_step *s)
{
    const ref_tensor *x = ref_of(r, s->in[0]);
    graph_shape shape;
    int offset[GRAPH_ELEMENTS];
    ref_call c = call_of(r, s, records(r, s));
    ref_forward(&c);
    int node = c.record && !c.bad ? ref_make_node(&c) : -1;
    if (r->full || !ref_view_map(x, s, &shape, offset)) return REF_LEFT_OUT;
    for (int e = 0; e < graph_elements(shape); e++) offset[e] = x->offset[offset[e]];
    ref_tensor *t = new_view(r, x, shape, offset);
    if (s->op != GRAPH_DETACH) becomes_view(r, t, x);
    t->node = node;
    set_handle(r, s->out[0], t);
    return REF_DONE;
}

/* as_strided. Its offsets count from the start of the storage, wherever x begins. Its history is
 * that of a view whose base was changed (ref_set_view_history), with x as the base. */
static ref_end strided(reference *r, const graph_step *s)
{
    ref_tensor *x = ref_of(r, s->in[0]);
    int offset[GRAPH_ELEMENTS];
    bool record = records(r, s);
    for (int e = 0; e < graph_elements(s->shape); e++) {
        int at[GRAPH_DIMS];
        graph_unravel(s->shape, e, at);
        offset[e] = s->from;
        for (int i = 0; i < s->shape.ndim; i++) offset[e] += at[i] * s->stride.size[i];
    }
    ref_tensor *t = new_view(r, x, s->shape, offset);
    becomes_view(r, t, x);
    if (record && !ref_set_view_history(r, t, x)) return REF_LEFT_OUT;
    set_handle(r, s->out[0], t);
    return REF_DONE;
}

/* Whether the shape of x may change in place. In no case of a tensor that has a gradient, and not
 * under CD_NO_GRAD() if x requires one (PyTorch allows both, and the backward pass fails then). */
static ref_end check_reshaped(reference *r, const ref_tensor *x)
{
    if (x->has_grad) return REF_AUTOGRAD;
    if (!ref_requires_grad(r, x)) return REF_DONE;
    if (!r->grad_mode || (x->requires_grad && x->node < 0)) return REF_AUTOGRAD;
    const bool of_leaf = x->is_view && x->base >= 0 && r->tensor[x->base].node < 0;
    return of_leaf || (x->is_view && x->no_grad_view) ? REF_AUTOGRAD : REF_DONE;
}

/* An op that changes the shape of its input in place: the input becomes the view that the op would
 * return. A former leaf, whose gradient may still be computed, is left out. */
static ref_end reshaped(reference *r, const graph_step *s)
{
    ref_tensor *x = ref_of(r, s->in[0]);
    graph_shape shape;
    int offset[GRAPH_ELEMENTS];
    ref_end end = check_reshaped(r, x);
    if (end != REF_DONE) return end;
    if (x->leaf_first >= 0) return REF_LEFT_OUT;
    if (!update_histories(r, s)) return REF_AUTOGRAD;
    ref_call c = call_of(r, s, records(r, s));
    ref_forward(&c);
    int node = c.record && !c.bad ? ref_make_node(&c) : -1;
    if (r->full || !ref_view_map(x, s, &shape, offset)) return REF_LEFT_OUT;
    for (int e = 0; e < x->n; e++) offset[e] = x->offset[offset[e]];
    memcpy(x->offset, offset, (size_t)x->n * sizeof *offset);
    x->shape = shape;
    x->history_version = ++r->storage[x->storage].version;
    if (node >= 0) {
        x->node = node;
        x->output = 0;
    }
    return REF_DONE;
}

static bool is_view_op(graph_op op)
{
    return (op >= GRAPH_VIEW && op <= GRAPH_SELECT) ||
           (op >= GRAPH_TENSOR_SPLIT && op <= GRAPH_DSPLIT);
}

/* Whether the op returns its input itself, whose history then does not matter, as in PyTorch. */
static bool returns_input(const graph_step *s, const ref_tensor *x)
{
    return (s->op == GRAPH_CONTIGUOUS && ref_contiguous(x)) ||
           (s->op == GRAPH_TO && s->f64 == x->f64) ||
           (s->op == GRAPH_SUM_TO_SHAPE && graph_same_shape(s->shape, x->shape) &&
            s->shape.ndim > 0) /* to 0-d it is a sum, also of one element */
           || (s->op == GRAPH_FLATTEN && x->shape.ndim > 0 && s->dim == s->dim2);
}

static ref_end operation(reference *r, const graph_step *s)
{
    ref_tensor *x = s->inputs > 0 ? ref_of(r, s->in[0]) : NULL;
    if (s->op != GRAPH_AS_STRIDED && !can_be_done(r, s)) return REF_LEFT_OUT;
    if (x && returns_input(s, x)) {
        set_handle(r, s->out[0], x);
        return REF_DONE;
    }
    if (s->in_place && graph_changes_shape(s->op)) return reshaped(r, s);
    if (!update_histories(r, s)) return REF_AUTOGRAD;
    if (s->in_place) return change(r, s);
    if (s->op == GRAPH_AS_STRIDED) return strided(r, s);
    bool copies = s->op == GRAPH_RESHAPE || s->op == GRAPH_FLATTEN;
    if (copies && !ref_viewable(x, s->shape)) return outputs(r, s);
    return is_view_op(s->op) || s->op == GRAPH_DETACH ? view(r, s) : outputs(r, s);
}

/* --- hooks ------------------------------------------------------------------------------------ */

static ref_end hook(reference *r, const graph_step *s)
{
    ref_tensor *t = ref_of(r, s->in[0]);
    bool accumulated = s->op == GRAPH_POST_HOOK;
    if (!ref_update_history(r, t) || !ref_tracks(t)) return REF_AUTOGRAD;
    if (accumulated && t->node >= 0) return REF_AUTOGRAD;
    r->hook[r->hooks++] = (ref_hook){
        .kind = accumulated ? REF_HOOK_ACCUMULATED : REF_HOOK_TENSOR,
        .tensor = r->handle[s->in[0]],
        .node = t->node,
        .output = t->output,
        .leaf = t->node >= 0 ? -1 : r->handle[s->in[0]],
        .replaces = s->flag && !accumulated,
        .scale = s->number,
    };
    return REF_DONE;
}

static ref_end retain_grad(reference *r, const graph_step *s)
{
    ref_tensor *t = ref_of(r, s->in[0]);
    if (!ref_update_history(r, t) || !ref_tracks(t)) return REF_AUTOGRAD;
    if (t->node >= 0) t->retains = true;
    return REF_DONE;
}

static ref_end requires_grad(reference *r, const graph_step *s)
{
    ref_tensor *t = ref_of(r, s->in[0]);
    if (!ref_update_history(r, t)) return REF_AUTOGRAD;
    if (t->node >= 0) return s->flag ? REF_DONE : REF_AUTOGRAD;
    t->requires_grad = s->flag;
    return REF_DONE;
}

static ref_end clear_grad(reference *r, const graph_step *s)
{
    ref_tensor *t = ref_of(r, s->in[0]);
    bool keeps = t->node < 0 || t->retains;
    if (s->op == GRAPH_GRAD_DROP) {
        t->has_grad = false;
    } else if (keeps && t->has_grad) {
        memset(t->grad, 0, sizeof t->grad);
        memset(t->grad_error, 0, sizeof t->grad_error);
    }
    return REF_DONE;
}

/* --- every step ------------------------------------------------------------------------------- */

ref_end ref_run(reference *r, const graph_step *s)
{
    switch (s->op) {
    case GRAPH_LEAF:
        return r->tensors == REF_TENSORS ? REF_LEFT_OUT : leaf(r, s);
    case GRAPH_BACKWARD:
    case GRAPH_GRAD:
        return ref_backward(r, s);
    case GRAPH_GRAD_ZERO:
    case GRAPH_GRAD_DROP:
        return clear_grad(r, s);
    case GRAPH_HOOK:
    case GRAPH_POST_HOOK:
        return r->hooks == REF_HOOKS ? REF_LEFT_OUT : hook(r, s);
    case GRAPH_REMOVE_HOOK:
        r->hook[s->from].removed = true;
        return REF_DONE;
    case GRAPH_RETAIN_GRAD:
        return retain_grad(r, s);
    case GRAPH_REQUIRES_GRAD:
        return requires_grad(r, s);
    case GRAPH_GRAD_MODE:
        r->grad_mode = s->flag;
        return REF_DONE;
    case GRAPH_DROP:
        drop(r, s->in[0]);
        return REF_DONE;
    case GRAPH_REFUSE:
        return REF_DONE;
    default:
        return operation(r, s);
    }
}
