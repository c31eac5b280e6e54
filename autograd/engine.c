/* The backward engine: cd_backward and cd_autograd_grad end up in cd_engine_run.
 *
 * A pass sends gradients along edges. It starts by sending the roots' gradients to where the roots
 * come from. Gradients that arrive at the same output of a node are added up. When all gradients of
 * a node's outputs have arrived, its backward rule is called with them (dy) and gives the gradients
 * of its inputs (dx), which are sent along its edges; and so on until no node is left.
 *
 * Which node is next: whatever used an output of a node was recorded after it, so has a higher
 * sequence number. So the waiting node with the highest number cannot get any more gradients. A
 * heap finds it. (PyTorch counts the dependencies of each node before the pass instead.)
 *
 * A gradient that arrives at a leaf waits there to the end (engine_leaves.c): hooks of leaves run
 * when all nodes have run, and only when nothing can fail any more are the gradients of all leaves
 * changed. So a pass that fails changes no leaf. A gradient that a computed tensor retains waits
 * with those of the leaves. Hooks of a computed tensor run just before its node.
 *
 * cd_autograd_grad asks for some gradients only (options.requested). Then the graph is searched
 * first, and only nodes that lead to a requested gradient are run.
 *
 * The state of a pass is in its cd_pass and not in the nodes, so several threads may go backward
 * through graphs that share nodes and leaves. */
#include "autograd/engine_run_internal.h"
#include "autograd/pass_values_internal.h"

#include <string.h>

#include "autograd/anomaly_internal.h"
#include "autograd/hooks_internal.h"
#include "autograd/dispatch/call_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"

/* --- the heap --------------------------------------------------------------------------------- */

static uint64_t sequence_of(const cd_pass *pass, int64_t item)
{
    return ((const cd_node *)pass->items[item].target)->sequence;
}

static void heap_push(cd_pass *pass, int64_t item)
{
    int64_t hole = pass->queued_count++;
    uint64_t sequence = sequence_of(pass, item);
    while (hole > 0 && sequence_of(pass, pass->heap[(hole - 1) / 2]) < sequence) {
        pass->heap[hole] = pass->heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    pass->heap[hole] = item;
}

static int64_t heap_pop(cd_pass *pass)
{
    int64_t top = pass->heap[0], last = pass->heap[--pass->queued_count], hole = 0;
    for (int64_t child; (child = 2 * hole + 1) < pass->queued_count; hole = child) {
        if (child + 1 < pass->queued_count &&
            sequence_of(pass, pass->heap[child]) < sequence_of(pass, pass->heap[child + 1])) {
            child++;
        }
        if (sequence_of(pass, pass->heap[child]) <= sequence_of(pass, last)) break;
        pass->heap[hole] = pass->heap[child];
    }
    pass->heap[hole] = last;
    return top;
}

/* --- the hash table --------------------------------------------------------------------------- */

/* The slot of a target: the one that has its item, or the empty one where it belongs. Addresses of
 * objects are 64 bytes apart or more; the multiplier is 2^64 divided by the golden ratio. */
static int64_t slot_of(const cd_pass *pass, const cd_object *target)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)target >> 6) * 0x9E3779B97F4A7C15U;
    int64_t slots = 2 * pass->room;
    int64_t slot = (int64_t)((mixed >> 20) & (uint64_t)(slots - 1));
    while (pass->table[slot] && pass->items[pass->table[slot] - 1].target != target) {
        slot = (slot + 1) & (slots - 1);
    }
    return slot;
}

static bool grow(cd_pass *pass)
{
    int64_t room = pass->room ? 2 * pass->room : 64;
    cd_pending *items = cd_realloc(pass->items, (size_t)room * sizeof *items);
    if (items) pass->items = items;
    int64_t *heap = items ? cd_realloc(pass->heap, (size_t)room * sizeof *heap) : NULL;
    if (heap) pass->heap = heap;
    int64_t *table = heap ? cd_alloc_zeroed((size_t)(2 * room), sizeof *table) : NULL;
    if (!table) return false;
    cd_free(pass->table);
    pass->table = table;
    pass->room = room;
    for (int64_t i = 0; i < pass->count; i++) {
        table[slot_of(pass, pass->items[i].target)] = i + 1;
    }
    return true;
}

/* The index of a target's item, which is made if there is none; -1 without memory. */
static int64_t item_for(cd_pass *pass, cd_object *target)
{
    if (pass->count == pass->room && !grow(pass)) return -1;
    int64_t slot = slot_of(pass, target);
    if (pass->table[slot]) return pass->table[slot] - 1;
    int64_t item = pass->count++;
    pass->table[slot] = item + 1;
    cd_object_ref(target);
    pass->items[item] = (cd_pending){ .target = target };
    return item;
}

static bool is_node(const cd_pending *p)
{
    return p->target && p->target->class_ == &cd_node_class;
}

/* --- requested gradients ---------------------------------------------------------------------- */

/* Makes an item for each node and leaf that can be reached from the roots: a breadth-first search,
 * of which the items are the queue. */
static bool find_reachable(cd_pass *pass, const cd_gradient *roots, int count)
{
    for (int k = 0; k < count; k++) {
        if (item_for(pass, roots[k].edge.target) < 0) return false;
    }
    for (int64_t i = 0; i < pass->count; i++) {
        if (!is_node(&pass->items[i])) continue;
        const cd_node *node = (const cd_node *)pass->items[i].target;
        for (int e = 0; e < node->edges; e++) {
            if (node->edge[e].target && item_for(pass, node->edge[e].target) < 0) return false;
        }
    }
    return true;
}

/* The item of a target; NULL when there is none. */
static cd_pending *item_of(cd_pass *pass, const cd_object *target)
{
    int64_t found = target && pass->count > 0 ? pass->table[slot_of(pass, target)] : 0;
    return found ? &pass->items[found - 1] : NULL;
}

/* Whether an edge of the node goes to a requested gradient, or to a node that leads to one. */
static bool leads_to_request(cd_pass *pass, const cd_node *node)
{
    for (int e = 0; e < node->edges; e++) {
        const cd_pending *p = item_of(pass, node->edge[e].target);
        if (p && (p->requested || p->leads)) return true;
    }
    return false;
}

/* Finds the nodes that lead to a requested gradient. Targets of a node's edges have lower sequence
 * numbers, so nodes are looked at in rising order. They are sorted by the heap, in the heap's own
 * array: taking out the highest frees the last place, where the highest belongs. */
static bool mark_leading(cd_pass *pass, const cd_gradient *roots, int count)
{
    if (!find_reachable(pass, roots, count)) return false;
    for (int k = 0; k < pass->options.requested_count; k++) {
        cd_pending *p = item_of(pass, pass->options.requested[k].edge.target);
        if (p) p->requested = true;
    }
    for (int64_t i = 0; i < pass->count; i++) {
        if (is_node(&pass->items[i])) heap_push(pass, i);
    }
    int64_t nodes = pass->queued_count;
    for (int64_t i = nodes; i-- > 0;) {
        int64_t highest = heap_pop(pass);
        pass->heap[i] = highest;
    }
    for (int64_t i = 0; i < nodes; i++) {
        cd_pending *p = &pass->items[pass->heap[i]];
        p->leads = leads_to_request(pass, (const cd_node *)p->target);
    }
    return true;
}

/* --- sending gradients ------------------------------------------------------------------------ */

/* Gives a gradient the shape, dtype and device of the value that it is the gradient of: the reverse
 * of broadcasting, type promotion and transfers, so that backward rules need not do that. */
static cd_tensor *fit_to_edge(cd_tensor *gradient, cd_edge edge, const char *from)
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
    if (gradient && cd_tensor_device(gradient) != cd_edge_device(edge)) {
        gradient = cd_to_device(gradient, cd_edge_device(edge));
    }
    return gradient;
}

/* Whether a gradient sent to this target will be used. */
static bool is_needed(cd_pass *pass, const cd_object *target)
{
    if (!pass->options.requested) return true;
    const cd_pending *p = item_of(pass, target);
    return p->requested || p->leads;
}

/* Where the gradient of a node's output is collected, or of a leaf (index 0). */
static cd_tensor **gradient_slot(cd_pending *p, int index)
{
    return p->allocated ? &p->gradients[index] : &p->gradient[index];
}

/* For a node with more than CD_NODE_OUTPUTS outputs, which is rare. */
static __attribute__((noinline, cold)) bool allocate_slots(cd_pending *p, int outputs)
{
    cd_tensor **gradients = cd_alloc_zeroed((size_t)outputs, sizeof *gradients);
    if (!gradients) return false;
    p->gradients = gradients;
    p->allocated = true;
    return true;
}

/* Sends a gradient along an edge: adds it to what has arrived there already, and queues the node.
 * `from` names the sender in an error. The caller has a scope open, which owns `gradient`. */
static bool send(cd_pass *pass, cd_edge edge, cd_tensor *gradient, const char *from)
{
    if (!is_needed(pass, edge.target)) return true;
    gradient = fit_to_edge(gradient, edge, from);
    int64_t item = gradient ? item_for(pass, edge.target) : -1;
    if (item < 0) return false;
    cd_pending *p = &pass->items[item];
    if (is_node(p) && !p->queued) {
        int outputs = ((const cd_node *)p->target)->outputs;
        if (outputs > CD_NODE_OUTPUTS && !allocate_slots(p, outputs)) return false;
        p->queued = true;
        heap_push(pass, item);
    }
    cd_tensor **slot = gradient_slot(p, edge.index);
    if (*slot && !pass->options.create_graph && cd_only_pass_has(*slot)) {
        return cd_add_with_(*slot, cd_operand_tensor(gradient)) != NULL;
    }
    cd_tensor *sum = *slot ? cd_add(*slot, gradient) : gradient;
    if (!sum) return false;
    cd_object_ref(&sum->object);
    cd_object_unref((cd_object *)*slot);
    *slot = sum;
    return true;
}

static __attribute__((noinline, cold)) void release_slots(cd_pending *p)
{
    int count = ((const cd_node *)p->target)->outputs;
    for (int j = 0; j < count; j++) cd_object_unref((cd_object *)p->gradients[j]);
    cd_free(p->gradients);
    for (int j = 0; j < CD_NODE_OUTPUTS; j++) p->gradient[j] = NULL;
    p->allocated = false;
}

/* Whether the backward rule of this node is to be called. */
static bool continues(const cd_pass *pass, int64_t item)
{
    return !pass->options.requested || pass->items[item].leads;
}

static void release_gradients(cd_pending *p)
{
    if (p->allocated) release_slots(p);
    for (int j = 0; j < CD_NODE_OUTPUTS; j++) {
        cd_object_unref((cd_object *)p->gradient[j]);
        p->gradient[j] = NULL;
    }
}

static void release_item(cd_pending *p)
{
    release_gradients(p);
    cd_object_unref(p->target);
    p->target = NULL;
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* Notes that t, a computed tensor, is to retain this gradient: see engine_leaves.c. */
static bool retain(cd_pass *pass, cd_tensor *t, cd_tensor *gradient)
{
    int64_t item = item_for(pass, &t->object);
    if (item < 0) return false;
    pass->items[item].retains = true;
    pass->items[item].gradient[0] = gradient;
    cd_object_ref(&gradient->object);
    return true;
}

/* The same for each tensor that retains the gradient of this output. */
static bool retain_all(cd_pass *pass, cd_node *node, int output, cd_tensor *gradient)
{
    bool done = true;
    cd_tensor *t;
    for (int k = 0; done && cd_hook_retaining_tensor(&node->hooks, output, k, &t); k++) {
        if (t) done = retain(pass, t, gradient);
        cd_object_disown((cd_object *)t);
    }
    return done;
}

/* Runs the hooks of each output on its gradient, in place of which dy[j] gets the hooks' result. A
 * requested gradient is returned as its hooks left it, but as it was before them if the backward
 * rule of its node is called too: PyTorch does so. */
static bool run_hooks(cd_pass *pass, int64_t item, cd_tensor **dy)
{
    cd_node *node = (cd_node *)pass->items[item].target;
    for (int j = 0; j < node->outputs; j++) {
        if (!dy[j]) continue;
        dy[j] = cd_run_node_hooks(node, j, dy[j]);
        if (!dy[j] || !retain_all(pass, node, j, dy[j])) return false;
        if (continues(pass, item)) continue;
        cd_object_ref(&dy[j]->object);
        cd_tensor **slot = gradient_slot(&pass->items[item], j);
        cd_object_unref(&(*slot)->object);
        *slot = dy[j];
    }
    return true;
}

/* Runs hooks and backward rule of a node on the gradients that have arrived, and sends the results.
 * A backward rule takes tensors that a scope owns, and the pass has only references to the
 * gradients: so the scope that the caller has opened for this node becomes an owner of each. */
static bool differentiate(cd_pass *pass, int64_t item, cd_node *node, cd_tensor *const *gradient,
                          cd_tensor **dx)
{
    cd_tensor *on_stack[CD_NODE_OUTPUTS] = { NULL }, **dy = on_stack;
    if (node->outputs > CD_NODE_OUTPUTS) {
        dy = cd_alloc_zeroed((size_t)node->outputs, sizeof *dy);
        if (!dy) return false;
    }
    for (int j = 0; j < node->outputs; j++) dy[j] = cd_hand_shared(gradient[j]);
    /* A rule with one input does not ask whether the gradient of that input is wanted, so it is not
     * called unless some gradient is. */
    bool runs = continues(pass, item) && (node->custom || cd_wanted_any(node));
    if (cd_ok() && (!cd_hook_any(&node->hooks) || run_hooks(pass, item, dy)) && runs) {
        (pass->anomaly ? cd_anomaly_backward : node->op->backward)(node, dy, dx);
    }
    if (dy != on_stack) cd_free(dy);
    if (!cd_ok()) return false;
    for (int i = 0; i < node->edges; i++) {
        if (!dx[i] || !cd_wanted(node, i)) continue;
        if (!send(pass, node->edge[i], dx[i], cd_node_name(node))) return false;
    }
    return true;
}

static bool process(cd_pass *pass, int64_t item)
{
    cd_node *node = (cd_node *)pass->items[item].target;
    if (!continues(pass, item) && !cd_hook_any(&node->hooks)) return true;
    cd_tensor *arrived[CD_NODE_OUTPUTS]; /* a copy: items may move while gradients are sent */
    memcpy(arrived, pass->items[item].gradient, sizeof arrived);
    cd_tensor *const *gradient =
        pass->items[item].allocated ? pass->items[item].gradients : arrived;
    cd_tensor *on_stack[CD_NODE_EDGES] = { NULL };
    cd_tensor **dx = on_stack;
    if (node->edges > CD_NODE_EDGES) {
        dx = cd_alloc_zeroed((size_t)node->edges, sizeof *dx);
        if (!dx) return false;
    }
    cd_scope scope = cd_scope_begin();
    bool done = differentiate(pass, item, node, gradient, dx);
    (void)cd_scope_end(scope);
    if (dx != on_stack) cd_free(dx);
    if (done && !pass->options.retain_graph && continues(pass, item)) cd_node_free_saved(node);
    return done;
}

/* --- the pass --------------------------------------------------------------------------------- */

/* The gradient that has arrived for an output, or for a tensor (index 0); NULL for none. A node
 * with more outputs than CD_NODE_OUTPUTS has no array while nothing has arrived. */
static cd_tensor *gradient_of(const cd_pending *p, int index)
{
    if (p->allocated) return p->gradients[index];
    return index < CD_NODE_OUTPUTS ? p->gradient[index] : NULL;
}

/* Makes the caller an owner of each requested gradient. */
static void return_requested(cd_pass *pass)
{
    for (int k = 0; k < pass->options.requested_count; k++) {
        cd_gradient *request = &pass->options.requested[k];
        const cd_pending *p = item_of(pass, request->edge.target);
        request->value = p ? gradient_of(p, request->edge.index) : NULL;
        if (request->value) cd_object_own(&request->value->object);
    }
}

static bool run_nodes(cd_pass *pass)
{
    while (pass->queued_count > 0) {
        int64_t item = heap_pop(pass);
        if (!process(pass, item)) return false;
        if (!pass->items[item].requested) release_gradients(&pass->items[item]);
    }
    return true;
}

bool cd_engine_run(const cd_gradient *roots, int count, cd_engine_options options)
{
    cd_pass pass = { .options = options };
    cd_pass_values *outer = cd_pass_values_begin();
    cd_scope mode = cd_grad_mode_begin(options.create_graph);
    pass.anomaly = (cd_modes & CD_MODE_ANOMALY) != 0;
    bool done = cd_ok() && (!options.requested || mark_leading(&pass, roots, count));
    for (int k = 0; k < count && done; k++) {
        cd_scope scope = cd_scope_begin();
        done = send(&pass, roots[k].edge, roots[k].value, "the caller");
        (void)cd_scope_end(scope);
    }
    done = done && run_nodes(&pass) && cd_engine_finish_leaves(&pass);
    if (done && options.requested) return_requested(&pass);
    cd_pass_values_end(outer);
    for (int64_t i = 0; i < pass.count; i++) release_item(&pass.items[i]);
    cd_free(pass.items);
    cd_free(pass.heap);
    cd_free(pass.table);
    (void)cd_scope_end(mode);
    return done;
}
