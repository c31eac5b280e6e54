/* The backward engine.
 *
 * A node is processed when all gradients of its outputs have arrived. Whatever consumed an output
 * was created later, so it is enough to take nodes from the latest to the earliest: a heap by
 * sequence number, without counting dependencies first. Nothing of a run is kept in nodes, so
 * several threads may go backward through graphs that share leaves.
 *
 * Gradients of leaves are collected first and put in place at the end (engine_leaves.c), when
 * nothing can fail any more: all leaves change, or none.
 *
 * Hooks of computed tensors run before their node does; those of leaves when all nodes have run.
 * What a computed tensor retains is brought to it with the gradients of the leaves.
 *
 * When only some gradients are asked for, the graph is walked once before, and only the nodes that
 * lead to one of them are run. */
#include "autograd/engine_run_internal.h"

#include <string.h>

#include "autograd/anomaly_internal.h"
#include "autograd/hooks_internal.h"
#include "autograd/op/call_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"

/* --- the heap --------------------------------------------------------------------------------- */

static uint64_t sequence_of(const cd_run *r, int64_t item)
{
    return ((const cd_node *)r->items[item].target)->sequence;
}

static void heap_push(cd_run *r, int64_t item)
{
    int64_t at = r->waiting++;
    uint64_t sequence = sequence_of(r, item);
    while (at > 0 && sequence_of(r, r->heap[(at - 1) / 2]) < sequence) {
        r->heap[at] = r->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    r->heap[at] = item;
}

static int64_t heap_pop(cd_run *r)
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
static int64_t slot_of(const cd_run *r, const cd_object *target)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)target >> 6) * 0x9E3779B97F4A7C15U;
    int64_t slots = 2 * r->room;
    int64_t slot = (int64_t)((mixed >> 20) & (uint64_t)(slots - 1));
    while (r->table[slot] && r->items[r->table[slot] - 1].target != target) {
        slot = (slot + 1) & (slots - 1);
    }
    return slot;
}

static bool grow(cd_run *r)
{
    int64_t room = r->room ? 2 * r->room : 64;
    cd_pending *items = cd_realloc(r->items, (size_t)room * sizeof *items);
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
static int64_t item_for(cd_run *r, cd_object *target)
{
    if (r->count == r->room && !grow(r)) return -1;
    int64_t slot = slot_of(r, target);
    if (r->table[slot]) return r->table[slot] - 1;
    int64_t item = r->count++;
    r->table[slot] = item + 1;
    cd_object_ref(target);
    r->items[item] = (cd_pending){ .target = target };
    return item;
}

static bool is_node(const cd_pending *p)
{
    return p->target && p->target->class_ == &cd_node_class;
}

/* --- what is asked for ------------------------------------------------------------------------ */

/* Makes an item of everything that can be reached. The items are the queue of the walk. */
static bool reach(cd_run *r, const cd_gradient *roots, int count)
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

static cd_pending *item_of(cd_run *r, const cd_object *target)
{
    int64_t found = target && r->count > 0 ? r->table[slot_of(r, target)] : 0;
    return found ? &r->items[found - 1] : NULL;
}

static bool leads(cd_run *r, const cd_node *node)
{
    for (int e = 0; e < node->edges; e++) {
        const cd_pending *p = item_of(r, node->edge[e].target);
        if (p && (p->wanted || p->leads)) return true;
    }
    return false;
}

/* A node leads there when one that it has an edge to does, and those were created before it: so
 * nodes are sorted (the heap gives the latest first, and frees the place that it belongs in) and
 * asked in that order. */
static bool find_ways(cd_run *r, const cd_gradient *roots, int count)
{
    if (!reach(r, roots, count)) return false;
    for (int k = 0; k < r->options.wanted_count; k++) {
        cd_pending *p = item_of(r, r->options.wanted[k].at.target);
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
        cd_pending *p = &r->items[r->heap[i]];
        p->leads = leads(r, (const cd_node *)p->target);
    }
    return true;
}

/* --- gradients on their way ------------------------------------------------------------------- */

/* Brings a gradient to the shape, dtype and device of what it is the gradient of: the reverse of
 * broadcasting and of promotion, for all rules in this one place. */
static cd_tensor *fit(cd_tensor *gradient, cd_edge edge, const char *from)
{
    cd_value_info info = cd_edge_info(edge);
    if (!cd_shape_equal(gradient->shape, info.shape)) {
        cd_shape meet;
        if (!cd_shape_broadcast(gradient->shape, info.shape, &meet) ||
            !cd_shape_equal(meet, gradient->shape)) {
            char got[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
            (void)cd_fail(CD_ERR_AUTOGRAD,
                          "backward: %s gave a gradient of shape %s for a value of "
                          "shape %s",
                          from, cd_sizes_text(&gradient->shape, got),
                          cd_sizes_text(&info.shape, right));
            return NULL;
        }
        gradient = cd_sum_to_shape(gradient, info.shape);
    }
    if (gradient && gradient->dtype != info.dtype) gradient = cd_to(gradient, info.dtype);
    if (gradient && cd_device_at(gradient) != cd_edge_device(edge)) {
        gradient = cd_to_device(gradient, cd_edge_device(edge));
    }
    return gradient;
}

static bool is_needed(cd_run *r, const cd_object *target)
{
    if (!r->options.wanted) return true;
    const cd_pending *p = item_of(r, target);
    return p->wanted || p->leads;
}

/* What has arrived for an output, of a node that waits or of a leaf. */
static cd_tensor **arrived(cd_pending *p, int index)
{
    return p->many ? &p->gradients[index] : &p->gradient[index];
}

/* Room for the gradients of a node with many outputs. Rare, so it stays out of the way of others.
 */
static __attribute__((noinline, cold)) bool make_room(cd_pending *p, int outputs)
{
    cd_tensor **gradients = cd_alloc_zeroed((size_t)outputs, sizeof *gradients);
    if (!gradients) return false;
    p->gradients = gradients;
    p->many = true;
    return true;
}

/* Adds what is sent to what has arrived already. Runs inside a scope that owns `gradient`. */
static bool send(cd_run *r, cd_edge edge, cd_tensor *gradient, const char *from)
{
    if (!is_needed(r, edge.target)) return true;
    gradient = fit(gradient, edge, from);
    int64_t item = gradient ? item_for(r, edge.target) : -1;
    if (item < 0) return false;
    cd_pending *p = &r->items[item];
    if (is_node(p) && !p->waits) {
        int outputs = ((const cd_node *)p->target)->outputs;
        if (outputs > CD_NODE_OUTPUTS && !make_room(p, outputs)) return false;
        p->waits = true;
        heap_push(r, item);
    }
    cd_tensor **slot = arrived(p, edge.index);
    if (*slot && !r->options.create_graph && cd_gradient_alone(*slot)) {
        return cd_add_with_(*slot, cd_operand_tensor(gradient)) != NULL;
    }
    cd_tensor *sum = *slot ? cd_add(*slot, gradient) : gradient;
    if (!sum) return false;
    cd_object_ref(&sum->object);
    cd_object_unref((cd_object *)*slot);
    *slot = sum;
    return true;
}

static __attribute__((noinline, cold)) void forget_many(cd_pending *p)
{
    int count = ((const cd_node *)p->target)->outputs;
    for (int j = 0; j < count; j++) cd_object_unref((cd_object *)p->gradients[j]);
    cd_free(p->gradients);
    p->gradient[0] = p->gradient[1] = NULL;
    p->many = false;
}

/* The pass goes on from this node. */
static bool leads_on(const cd_run *r, int64_t item)
{
    return !r->options.wanted || r->items[item].leads;
}

static void forget_gradients(cd_pending *p)
{
    if (p->many) forget_many(p);
    for (int j = 0; j < CD_NODE_OUTPUTS; j++) {
        cd_object_unref((cd_object *)p->gradient[j]);
        p->gradient[j] = NULL;
    }
}

static void clear(cd_pending *p)
{
    forget_gradients(p);
    cd_object_unref(p->target);
    p->target = NULL;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static bool retain(cd_run *r, cd_tensor *t, cd_tensor *gradient)
{
    int64_t item = item_for(r, &t->object);
    if (item < 0) return false;
    r->items[item].retains = true;
    r->items[item].gradient[0] = gradient;
    cd_object_ref(&gradient->object);
    return true;
}

static bool retain_all(cd_run *r, cd_node *node, int output, cd_tensor *gradient)
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
static bool run_hooks(cd_run *r, int64_t item, cd_tensor **dy)
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
static bool differentiate(cd_run *r, int64_t item, cd_node *node, cd_tensor *const *gradient,
                          cd_tensor **dx)
{
    cd_tensor *near[CD_NODE_OUTPUTS] = { NULL }, **dy = near;
    if (node->outputs > CD_NODE_OUTPUTS) {
        dy = cd_alloc_zeroed((size_t)node->outputs, sizeof *dy);
        if (!dy) return false;
    }
    for (int j = 0; j < node->outputs; j++) dy[j] = cd_hand_shared(gradient[j]);
    /* A rule may take it that the gradient of its only input is wanted. */
    bool leads = leads_on(r, item) && (node->custom || cd_wanted_any(node));
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

static bool process(cd_run *r, int64_t item)
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

/* --- the pass --------------------------------------------------------------------------------- */

/* What arrived for output `index`; of a node with many, nothing may have. */
static cd_tensor *gradient_of(const cd_pending *p, int index)
{
    if (p->many) return p->gradients[index];
    return index < CD_NODE_OUTPUTS ? p->gradient[index] : NULL;
}

static void give_out(cd_run *r)
{
    for (int k = 0; k < r->options.wanted_count; k++) {
        cd_gradient *wanted = &r->options.wanted[k];
        const cd_pending *p = item_of(r, wanted->at.target);
        wanted->value = p ? gradient_of(p, wanted->at.index) : NULL;
        if (wanted->value) cd_object_own(&wanted->value->object);
    }
}

static bool run_nodes(cd_run *r)
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
    cd_run r = { .options = options };
    cd_scope mode = cd_grad_mode_begin(options.create_graph);
    r.anomaly = (cd_modes() & CD_MODE_ANOMALY) != 0;
    bool done = cd_ok() && (!options.wanted || find_ways(&r, roots, count));
    for (int k = 0; k < count && done; k++) {
        cd_scope scope = cd_scope_begin();
        done = send(&r, roots[k].at, roots[k].value, "the caller");
        (void)cd_scope_end(scope);
    }
    done = done && run_nodes(&r) && cd_engine_finish_leaves(&r);
    if (done && options.wanted) give_out(&r);
    for (int64_t i = 0; i < r.count; i++) clear(&r.items[i]);
    cd_free(r.items);
    cd_free(r.heap);
    cd_free(r.table);
    (void)cd_scope_end(mode);
    return done;
}
