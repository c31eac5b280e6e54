/* The backward engine.
 *
 * A node is processed when all gradients of its outputs have arrived. Whatever consumed an output
 * was created later, so it is enough to take nodes from the latest to the earliest: a heap by
 * sequence number, without counting dependencies first. Nothing of a run is kept in nodes, so
 * several threads may go backward through graphs that share leaves.
 *
 * Gradients of leaves are collected first and put in place at the end, when nothing can fail any
 * more: all leaves change, or none.
 *
 * Hooks of computed tensors run before their node does; those of leaves when all nodes have run.
 * What a computed tensor retains is brought to it with the gradients of the leaves.
 *
 * When only some gradients are asked for, the graph is walked once before, and only the nodes that
 * lead to one of them are run. */
#include "autograd/engine_internal.h"

#include <string.h>

#include "autograd/anomaly_internal.h"
#include "autograd/hooks_internal.h"
#include "autograd/op_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"

/* A node or leaf that gradients have been sent to: one for each output of a node, one for a leaf.
 * Each holds a reference. */
typedef struct pending {
    cd_object *target;
    union {
        cd_tensor *gradient[CD_NODE_OUTPUTS];
        cd_tensor **gradients; /* of a node with more outputs, once one has arrived */
    };
    bool waits;    /* a node in the heap, or processed already */
    bool many;     /* the gradients are in an array of their own */
    bool replaces; /* a leaf's: it holds the sum with the earlier gradient already */
    bool wanted;   /* its gradients are asked for, and kept until they are given out */
    bool leads;    /* a node on the way to what is asked for */
    bool retains;  /* a computed tensor that keeps its gradient: put in place like a leaf's */
} pending;

typedef struct run {
    cd_engine_options options;
    pending *items; /* in order of first arrival; an item's index never changes */
    int64_t count, room;
    int64_t *table; /* open addressing by target: index into items + 1, or 0; 2 * room slots */
    int64_t *heap;  /* indices of nodes not yet processed, the latest on top */
    int64_t waiting;
    bool anomaly; /* what rules give is looked at */
    bool called;  /* a leaf has a hook that is called after accumulation */
} run;

/* --- the heap --------------------------------------------------------------------------------- */

static uint64_t sequence_of(const run *r, int64_t item)
{
    return ((const cd_node *)r->items[item].target)->sequence;
}

static void heap_push(run *r, int64_t item)
{
    int64_t at = r->waiting++;
    uint64_t sequence = sequence_of(r, item);
    while (at > 0 && sequence_of(r, r->heap[(at - 1) / 2]) < sequence) {
        r->heap[at] = r->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    r->heap[at] = item;
}

static int64_t heap_pop(run *r)
{
    int64_t top = r->heap[0], last = r->heap[--r->waiting], at = 0;
    for (int64_t child; (child = 2 * at + 1) < r->waiting; at = child) {
        if (child + 1 < r->waiting &&
            sequence_of(r, r->heap[child]) < sequence_of(r, r->heap[child + 1])) {
            child++;
        }
        if (sequence_of(r, r->heap[child]) <= sequence_of(r, last)) break;
        r->heap[at] = r->heap[child];
    }
    r->heap[at] = last;
    return top;
}

/* --- the table -------------------------------------------------------------------------------- */

/* Objects lie 64 bytes apart or more; the multiplier is 2^64 divided by the golden ratio. */
static int64_t slot_of(const run *r, const cd_object *target)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)target >> 6) * 0x9E3779B97F4A7C15U;
    int64_t slots = 2 * r->room;
    int64_t slot = (int64_t)((mixed >> 20) & (uint64_t)(slots - 1));
    while (r->table[slot] && r->items[r->table[slot] - 1].target != target) {
        slot = (slot + 1) & (slots - 1);
    }
    return slot;
}

static bool grow(run *r)
{
    int64_t room = r->room ? 2 * r->room : 64;
    pending *items = cd_realloc(r->items, (size_t)room * sizeof *items);
    if (items) r->items = items;
    int64_t *heap = items ? cd_realloc(r->heap, (size_t)room * sizeof *heap) : NULL;
    if (heap) r->heap = heap;
    int64_t *table = heap ? cd_alloc_zeroed((size_t)(2 * room), sizeof *table) : NULL;
    if (!table) return false;
    cd_free(r->table);
    r->table = table;
    r->room = room;
    for (int64_t i = 0; i < r->count; i++) r->table[slot_of(r, r->items[i].target)] = i + 1;
    return true;
}

/* The item for a target, made when it is new; -1 without memory. */
static int64_t item_for(run *r, cd_object *target)
{
    if (r->count == r->room && !grow(r)) return -1;
    int64_t slot = slot_of(r, target);
    if (r->table[slot]) return r->table[slot] - 1;
    int64_t item = r->count++;
    r->table[slot] = item + 1;
    cd_object_ref(target);
    r->items[item] = (pending){ .target = target };
    return item;
}

static bool is_node(const pending *p)
{
    return p->target && p->target->class_ == &cd_node_class;
}

/* --- what is asked for ------------------------------------------------------------------------ */

/* Makes an item of everything that can be reached. The items are the queue of the walk. */
static bool reach(run *r, const cd_gradient *roots, int count)
{
    for (int k = 0; k < count; k++) {
        if (item_for(r, roots[k].at.target) < 0) return false;
    }
    for (int64_t i = 0; i < r->count; i++) {
        if (!is_node(&r->items[i])) continue;
        const cd_node *node = (const cd_node *)r->items[i].target;
        for (int e = 0; e < node->edges; e++) {
            if (node->edge[e].target && item_for(r, node->edge[e].target) < 0) return false;
        }
    }
    return true;
}

static pending *item_of(run *r, const cd_object *target)
{
    int64_t found = target && r->count > 0 ? r->table[slot_of(r, target)] : 0;
    return found ? &r->items[found - 1] : NULL;
}

static bool leads(run *r, const cd_node *node)
{
    for (int e = 0; e < node->edges; e++) {
        const pending *p = item_of(r, node->edge[e].target);
        if (p && (p->wanted || p->leads)) return true;
    }
    return false;
}

/* A node leads there when one that it has an edge to does, and those were created before it: so
 * nodes are sorted (the heap gives the latest first, and frees the place that it belongs in) and
 * asked in that order. */
static bool find_ways(run *r, const cd_gradient *roots, int count)
{
    if (!reach(r, roots, count)) return false;
    for (int k = 0; k < r->options.wanted_count; k++) {
        pending *p = item_of(r, r->options.wanted[k].at.target);
        if (p) p->wanted = true;
    }
    for (int64_t i = 0; i < r->count; i++) {
        if (is_node(&r->items[i])) heap_push(r, i);
    }
    int64_t nodes = r->waiting;
    for (int64_t i = nodes; i-- > 0;) {
        int64_t latest = heap_pop(r);
        r->heap[i] = latest;
    }
    for (int64_t i = 0; i < nodes; i++) {
        pending *p = &r->items[r->heap[i]];
        p->leads = leads(r, (const cd_node *)p->target);
    }
    return true;
}

/* --- gradients on their way ------------------------------------------------------------------- */

/* Brings a gradient to the shape and dtype of what it is the gradient of: the reverse of
 * broadcasting and of promotion, for all rules in this one place. */
static cd_tensor *fit(cd_tensor *gradient, cd_edge edge, const char *from)
{
    cd_output_info info = cd_edge_info(edge);
    if (!cd_shape_equal(gradient->shape, info.shape)) {
        cd_shape meet;
        if (!cd_shape_broadcast(gradient->shape, info.shape, &meet) ||
            !cd_shape_equal(meet, gradient->shape)) {
            char got[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
            (void)cd_fail(CD_ERR_AUTOGRAD,
                          "backward: %s gave a gradient of shape %s for a value of "
                          "shape %s",
                          from, cd_shape_text(gradient->shape, got),
                          cd_shape_text(info.shape, right));
            return NULL;
        }
        gradient = cd_sum_to_shape(gradient, info.shape);
    }
    if (gradient && gradient->dtype != info.dtype) gradient = cd_to(gradient, info.dtype);
    return gradient;
}

static bool is_needed(run *r, const cd_object *target)
{
    if (!r->options.wanted) return true;
    const pending *p = item_of(r, target);
    return p->wanted || p->leads;
}

/* What has arrived for an output, of a node that waits or of a leaf. */
static cd_tensor **arrived(pending *p, int index)
{
    return p->many ? &p->gradients[index] : &p->gradient[index];
}

/* Nobody else can see this gradient, so it may be added to in place. */
static bool is_ours(const run *r, const cd_tensor *gradient)
{
    return !r->options.create_graph && atomic_load(&gradient->object.references) == 1 &&
           atomic_load(&gradient->storage->references) == 1 && gradient->contiguous;
}

/* Room for the gradients of a node with many outputs. Rare, so it stays out of the way of others.
 */
static __attribute__((noinline, cold)) bool make_room(pending *p, int outputs)
{
    cd_tensor **gradients = cd_alloc_zeroed((size_t)outputs, sizeof *gradients);
    if (!gradients) return false;
    p->gradients = gradients;
    p->many = true;
    return true;
}

/* Adds what is sent to what has arrived already. Runs inside a scope that owns `gradient`. */
static bool send(run *r, cd_edge edge, cd_tensor *gradient, const char *from)
{
    if (!is_needed(r, edge.target)) return true;
    gradient = fit(gradient, edge, from);
    int64_t item = gradient ? item_for(r, edge.target) : -1;
    if (item < 0) return false;
    pending *p = &r->items[item];
    if (is_node(p) && !p->waits) {
        int outputs = ((const cd_node *)p->target)->outputs;
        if (outputs > CD_NODE_OUTPUTS && !make_room(p, outputs)) return false;
        p->waits = true;
        heap_push(r, item);
    }
    cd_tensor **slot = arrived(p, edge.index);
    if (*slot && is_ours(r, *slot)) {
        cd_map_2(CD_MAP_add, *slot, *slot, gradient, NULL);
        return true;
    }
    cd_tensor *sum = *slot ? cd_add(*slot, gradient) : gradient;
    if (!sum) return false;
    cd_object_ref(&sum->object);
    cd_object_unref((cd_object *)*slot);
    *slot = sum;
    return true;
}

static __attribute__((noinline, cold)) void forget_many(pending *p)
{
    int count = ((const cd_node *)p->target)->outputs;
    for (int j = 0; j < count; j++) cd_object_unref((cd_object *)p->gradients[j]);
    cd_free(p->gradients);
    p->gradient[0] = p->gradient[1] = NULL;
    p->many = false;
}

/* The pass goes on from this node. */
static bool leads_on(const run *r, int64_t item)
{
    return !r->options.wanted || r->items[item].leads;
}

static void forget_gradients(pending *p)
{
    if (p->many) forget_many(p);
    for (int j = 0; j < CD_NODE_OUTPUTS; j++) {
        cd_object_unref((cd_object *)p->gradient[j]);
        p->gradient[j] = NULL;
    }
}

static void clear(pending *p)
{
    forget_gradients(p);
    cd_object_unref(p->target);
    p->target = NULL;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static bool retain(run *r, cd_tensor *t, cd_tensor *gradient)
{
    int64_t item = item_for(r, &t->object);
    if (item < 0) return false;
    r->items[item].retains = true;
    r->items[item].gradient[0] = gradient;
    cd_object_ref(&gradient->object);
    return true;
}

static bool retain_all(run *r, cd_node *node, int output, cd_tensor *gradient)
{
    bool done = true;
    cd_tensor *t;
    for (int k = 0; done && cd_hook_retainer(&node->hooks, output, k, &t); k++) {
        if (t) done = retain(r, t, gradient);
        cd_object_disown((cd_object *)t);
    }
    return done;
}

/* What is asked for is given out as the hooks left it, unless the pass goes on from there: so does
 * PyTorch. */
static bool run_hooks(run *r, int64_t item, cd_tensor **dy)
{
    cd_node *node = (cd_node *)r->items[item].target;
    for (int j = 0; j < node->outputs; j++) {
        if (!dy[j]) continue;
        dy[j] = cd_run_node_hooks(node, j, dy[j]);
        if (!dy[j] || !retain_all(r, node, j, dy[j])) return false;
        if (leads_on(r, item)) continue;
        cd_object_ref(&dy[j]->object);
        cd_tensor **slot = arrived(&r->items[item], j);
        cd_object_unref(&(*slot)->object);
        *slot = dy[j];
    }
    return true;
}

/* A gradient's scope is one node long. The handles it is reached by here are given out anew, since
 * a gradient on its way has references and no owner. */
static bool differentiate(run *r, int64_t item, cd_node *node, cd_tensor *const *gradient,
                          cd_tensor **dx)
{
    cd_tensor *near[CD_NODE_OUTPUTS] = { NULL }, **dy = near;
    if (node->outputs > CD_NODE_OUTPUTS) {
        dy = cd_alloc_zeroed((size_t)node->outputs, sizeof *dy);
        if (!dy) return false;
    }
    for (int j = 0; j < node->outputs; j++) dy[j] = cd_hand_shared(gradient[j]);
    bool leads = leads_on(r, item);
    if (cd_ok() && (!cd_hook_any(&node->hooks) || run_hooks(r, item, dy)) && leads) {
        (r->anomaly ? cd_anomaly_backward : node->op->backward)(node, dy, dx);
    }
    if (dy != near) cd_free(dy);
    if (!cd_ok()) return false;
    for (int i = 0; i < node->edges; i++) {
        if (!dx[i] || !cd_wanted(node, i)) continue;
        if (!send(r, node->edge[i], dx[i], node->op->grad_fn)) return false;
    }
    return true;
}

static bool process(run *r, int64_t item)
{
    cd_node *node = (cd_node *)r->items[item].target;
    if (!leads_on(r, item) && !cd_hook_any(&node->hooks)) return true;
    cd_tensor *near_gradient[CD_NODE_OUTPUTS]; /* items may move while gradients are sent */
    memcpy(near_gradient, r->items[item].gradient, sizeof near_gradient);
    cd_tensor *const *gradient = r->items[item].many ? r->items[item].gradients : near_gradient;
    cd_tensor *near[CD_NODE_EDGES] = { NULL };
    cd_tensor **dx = near;
    if (node->edges > CD_NODE_EDGES) {
        dx = cd_alloc_zeroed((size_t)node->edges, sizeof *dx);
        if (!dx) return false;
    }
    cd_scope scope = cd_scope_begin();
    bool done = differentiate(r, item, node, gradient, dx);
    (void)cd_scope_end(scope);
    if (dx != near) cd_free(dx);
    if (done && !r->options.retain_graph && leads_on(r, item)) cd_node_free_saved(node);
    return done;
}

/* --- the end ---------------------------------------------------------------------------------- */

static cd_tensor *grad_of(cd_tensor *leaf)
{
    cd_grad_lock(leaf);
    cd_tensor *grad = cd_variable_of(leaf)->grad;
    if (grad) cd_object_own(&grad->object);
    cd_grad_unlock(leaf);
    return cd_hand(grad);
}

/* What a leaf will hold. An earlier gradient is added to in place at the end, which cannot fail,
 * unless a graph is wanted through the sum. A first gradient is copied when something else holds it
 * too (another leaf, the caller, a graph), so that no two leaves share one. A retained gradient is
 * replaced by the sum. */
static cd_tensor *leaf_gradient(run *r, pending *p, cd_tensor *before)
{
    cd_tensor *mine = p->gradient[0];
    bool alone = atomic_load(&mine->object.references) == 1 &&
                 atomic_load(&mine->storage->references) == 1 && mine->contiguous;
    if (!before) return alone && !r->options.create_graph ? mine : cd_clone(mine);
    if (before->contiguous && !r->options.create_graph && !p->retains) return mine;
    p->replaces = true;
    return cd_add(before, mine);
}

static bool prepare_leaf(run *r, pending *p)
{
    cd_tensor *leaf = (cd_tensor *)p->target;
    const cd_variable *v = cd_variable_need(leaf);
    if (!v) return false;
    if (!p->retains && cd_hook_any(&v->hooks)) r->called = true;
    cd_scope scope = cd_scope_begin();
    cd_tensor *before = grad_of(leaf);
    cd_tensor *ready = cd_ok() ? leaf_gradient(r, p, before) : NULL;
    if (ready && ready != p->gradient[0]) {
        cd_object_ref(&ready->object);
        cd_object_unref(&p->gradient[0]->object);
        p->gradient[0] = ready;
    }
    (void)cd_scope_end(scope);
    return ready != NULL;
}

/* A leaf that nobody owns any more could never be asked for its gradient. */
static void commit_leaf(pending *p)
{
    cd_tensor *leaf = (cd_tensor *)p->target, *old = NULL;
    cd_variable *v = cd_variable_of(leaf);
    cd_grad_lock(leaf);
    if (atomic_load(&leaf->object.owners) > 0) {
        if (v->grad && !p->replaces) {
            cd_map_2(CD_MAP_add, v->grad, v->grad, p->gradient[0], NULL);
            cd_tensor_bump(v->grad);
        } else {
            old = v->grad;
            v->grad = p->gradient[0];
            cd_object_own(&v->grad->object);
        }
    }
    cd_grad_unlock(leaf);
    cd_object_disown((cd_object *)old);
}

static bool is_leaf(const pending *p)
{
    return p->target && p->target->class_ == &cd_tensor_class;
}

/* What arrived for output `index`; of a node with many, nothing may have. */
static cd_tensor *gradient_of(const pending *p, int index)
{
    if (p->many) return p->gradients[index];
    return index < CD_NODE_OUTPUTS ? p->gradient[index] : NULL;
}

/* With gradients that are asked for, only what computed tensors retain is put in place. */
static bool is_kept(const run *r, const pending *p)
{
    return is_leaf(p) && (p->retains || !r->options.wanted);
}

static void give_out(run *r)
{
    for (int k = 0; k < r->options.wanted_count; k++) {
        cd_gradient *wanted = &r->options.wanted[k];
        const pending *p = item_of(r, wanted->at.target);
        wanted->value = p ? gradient_of(p, wanted->at.index) : NULL;
        if (wanted->value) cd_object_own(&wanted->value->object);
    }
}

static bool accumulate(run *r)
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
    return done;
}

static bool run_leaf_hooks(run *r)
{
    for (int64_t i = 0; i < r->count; i++) {
        pending *p = &r->items[i];
        if (!is_leaf(p) || p->retains || !p->gradient[0]) continue;
        if (!cd_run_leaf_hooks((cd_tensor *)p->target, &p->gradient[0])) return false;
    }
    return true;
}

/* A leaf that nobody owns has no gradient in place. */
static bool call_accumulated(run *r)
{
    for (int64_t i = 0; i < r->count && r->called; i++) {
        const pending *p = &r->items[i];
        if (!is_leaf(p) || p->retains || atomic_load(&p->target->owners) == 0) continue;
        if (!cd_run_accumulate_hooks((cd_tensor *)p->target)) return false;
    }
    return true;
}

static bool finish(run *r)
{
    if (!run_leaf_hooks(r) || !accumulate(r)) return false;
    if (!r->options.wanted) return call_accumulated(r);
    give_out(r);
    return true;
}

static bool run_nodes(run *r)
{
    while (r->waiting > 0) {
        int64_t item = heap_pop(r);
        if (!process(r, item)) return false;
        if (!r->items[item].wanted) forget_gradients(&r->items[item]);
    }
    return true;
}

bool cd_engine_run(const cd_gradient *roots, int count, cd_engine_options options)
{
    run r = { .options = options };
    cd_scope mode = cd_grad_mode_begin(options.create_graph);
    r.anomaly = (cd_modes() & CD_MODE_ANOMALY) != 0;
    bool done = cd_ok() && (!options.wanted || find_ways(&r, roots, count));
    for (int k = 0; k < count && done; k++) {
        cd_scope scope = cd_scope_begin();
        done = send(&r, roots[k].at, roots[k].value, "the caller");
        (void)cd_scope_end(scope);
    }
    done = done && run_nodes(&r) && finish(&r);
    for (int64_t i = 0; i < r.count; i++) clear(&r.items[i]);
    cd_free(r.items);
    cd_free(r.heap);
    cd_free(r.table);
    (void)cd_scope_end(mode);
    return done;
}
