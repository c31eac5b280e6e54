/* Capturing a graph: what this thread does is executed as always, and noted as steps of a cd_graph.
 * The dispatcher notes calls; variable.c and engine_leaves.c note changes of leaves' gradients. */
#include <string.h>

#include "autograd/dispatch/graph_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"

/* The capture of this thread. The graph is owned by the scope in which the capture began, and
 * `mode`, which switches CD_MODE_CAPTURE on, is a frame within that scope: so while the mode is on
 * the graph lives. */
static _Thread_local struct {
    cd_graph *graph;
    cd_scope mode;
} capture;

bool cd_is_capturing(void)
{
    return (cd_modes & CD_MODE_CAPTURE) != 0;
}

/* --- values ----------------------------------------------------------------------------------- */

/* Makes room for one more element in an array, to whose pointer `array` points. */
static bool grow(void *array, int count, int *room, size_t size)
{
    void **elements = array;
    if (count < *room) return true;
    const int larger = *room ? 2 * *room : 64;
    void *moved = cd_realloc(*elements, (size_t)larger * size);
    if (!moved) return false;
    *elements = moved;
    *room = larger;
    return true;
}

/* Adds a buffer for a storage. Its index; -1 with an error. */
static int add_buffer(cd_graph *g, cd_storage *storage, cd_buffer_kind kind)
{
    if (!grow(&g->buffer, g->buffers, &g->buffer_room, sizeof *g->buffer)) return -1;
    g->buffer[g->buffers] = (cd_graph_buffer){ .id = cd_storage_id(storage),
                                               .first_value = CD_ABSENT,
                                               .last_step = CD_ABSENT,
                                               .next_unneeded = CD_ABSENT,
                                               .kind = (unsigned char)kind,
                                               .device = storage->device };
    if (kind == CD_BUFFER_HELD) {
        cd_storage_ref(storage);
        g->buffer[g->buffers].storage = storage;
    }
    g->buffers++;
    return cd_graph_index_buffers(g) ? g->buffers - 1 : -1;
}

static bool same_layout(const cd_layout *a, const cd_layout *b)
{
    return a->dtype == b->dtype && a->offset == b->offset && cd_layout_same_shape_and_strides(a, b);
}

/* Whether a tensor of this layout may be used, whose buffer is that of an input. The input of a run
 * is another tensor, with other memory around it: so the graph can use only what is within the
 * input, and only by views that it makes itself (`shown`). */
static bool check_within_input(const cd_graph *g, int buffer, const cd_layout *layout, bool shown)
{
    int first = g->buffer[buffer].first_value;
    while (g->value[first].next_value != CD_ABSENT) first = g->value[first].next_value;
    const cd_layout *input = &g->value[first].layout;
    if (shown && layout->offset >= input->offset && cd_layout_end(layout) <= cd_layout_end(input)) {
        return true;
    }
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "capture: the captured code reaches the memory of an input by another tensor "
                   "than the input and its views: give the input memory of its own (cd_clone)");
}

/* The value of t, which is added if the capture has not met it; its buffer is then of this kind if
 * it is new too. CD_ABSENT with an error. */
static int value_of(cd_graph *g, const cd_tensor *t, cd_buffer_kind kind)
{
    int buffer = cd_graph_find_buffer(g, cd_storage_id(t->storage));
    const bool met = buffer >= 0;
    if (!met) buffer = add_buffer(g, t->storage, kind);
    if (buffer < 0) return CD_ABSENT;
    cd_graph_buffer *b = &g->buffer[buffer];
    for (int i = b->first_value; i != CD_ABSENT; i = g->value[i].next_value) {
        if (same_layout(&g->value[i].layout, &t->layout)) return i;
    }
    if (met && b->kind == CD_BUFFER_INPUT &&
        !check_within_input(g, buffer, &t->layout, kind == CD_BUFFER_MADE)) {
        return CD_ABSENT;
    }
    if (!grow(&g->value, g->values, &g->value_room, sizeof *g->value)) return CD_ABSENT;
    g->value[g->values] =
        (cd_graph_value){ .buffer = buffer, .next_value = b->first_value, .layout = t->layout };
    b->first_value = g->values;
    return g->values++;
}

/* --- steps ------------------------------------------------------------------------------------ */

/* An empty step with so many bytes behind it. Makes room for it in the graph, so that
 * cd_capture_commit cannot fail. */
static cd_graph_step *new_step(cd_graph *g, size_t bytes)
{
    if (!grow(&g->step, g->steps + g->prepared, &g->step_room, sizeof(cd_graph_step *))) {
        return NULL;
    }
    cd_graph_step *s = cd_alloc_zeroed(1, sizeof *s + bytes);
    if (!s) return NULL;
    s->value = s->parameter = s->first_unneeded = CD_ABSENT;
    g->prepared++;
    return s;
}

void cd_capture_commit(cd_graph_step *step)
{
    cd_graph *g = capture.graph;
    if (!step) return;
    g->step[g->steps++] = step;
    g->prepared--;
}

void cd_capture_cancel(cd_graph_step *step)
{
    if (!step) return;
    capture.graph->prepared--;
    cd_graph_step_free(step);
}

static bool note_inputs(cd_graph *g, const cd_call *call, cd_graph_step *s)
{
    for (int k = 0; k < call->inputs; k++) {
        const cd_tensor *t = cd_operand_as_tensor(call->in[k]);
        s->in[k] = (cd_graph_input){ CD_ABSENT, call->in[k] };
        if (!t) continue;
        s->in[k].value = value_of(g, t, CD_BUFFER_HELD);
        if (s->in[k].value == CD_ABSENT) return false;
    }
    return true;
}

static bool note_outputs(cd_graph *g, const cd_call *call, cd_graph_step *s)
{
    for (int j = 0; j < call->outputs; j++) {
        const cd_tensor *t = call->output_tensor[j];
        const int met = g->values;
        s->out[j] = CD_ABSENT;
        if (!t) continue;
        s->out[j] = value_of(g, t, CD_BUFFER_MADE);
        if (s->out[j] == CD_ABSENT) return false;
        s->leads_back = s->out[j] < met;
        if (cd_call_output_kind(call, j) == CD_CHANGED) {
            g->buffer[g->value[s->out[j]].buffer].written = true;
        }
    }
    return true;
}

static size_t padded(size_t bytes)
{
    return (bytes + 15) / 16 * 16;
}

cd_graph_step *cd_capture_call(const cd_call *call)
{
    cd_graph *g = capture.graph;
    const cd_op *op = call->op;
    const size_t in = padded((size_t)call->inputs * sizeof(cd_graph_input));
    const size_t out = padded((size_t)call->outputs * sizeof(int));
    if (op->cpu.measure) {
        (void)cd_check_not_captured(call->name, "the size of its result depends on elements");
        return NULL;
    }
    cd_graph_step *s = new_step(g, in + out + op->attribute_bytes);
    if (!s) return NULL;
    char *behind = (char *)(s + 1);
    s->kind = CD_STEP_CALL;
    s->op = op;
    s->in_place = call->in_place;
    s->inputs = call->inputs;
    s->outputs = call->outputs;
    s->device = call->device;
    s->in = (cd_graph_input *)(void *)behind;
    s->out = (int *)(void *)(behind + in);
    s->attributes = behind + in + out;
    if (op->attribute_bytes > 0) {
        memcpy(s->attributes, call->launch.attributes, op->attribute_bytes);
    }
    s->generator = call->generator;
    if (s->generator) cd_object_own((cd_object *)s->generator);
    if (note_inputs(g, call, s) && note_outputs(g, call, s)) return s;
    cd_capture_cancel(s);
    return NULL;
}

/* Notes whose gradient changes. A run changes the gradient of the same tensor, so the leaf may not
 * be one that each run has anew. */
static bool note_leaf(cd_graph *g, cd_graph_step *s, cd_tensor *leaf)
{
    s->leaf = leaf;
    cd_object_own(&leaf->object);
    s->parameter = value_of(g, leaf, CD_BUFFER_HELD);
    if (s->parameter == CD_ABSENT) return false;
    return g->buffer[g->value[s->parameter].buffer].kind == CD_BUFFER_HELD ||
           cd_fail(
               CD_ERR_UNSUPPORTED,
               "backward: a leaf that is an input of the captured graph, or was made within the "
               "capture, cannot get a gradient, as each run has another tensor there: make "
               "leaves before cd_capture_begin, or ask for the gradient by cd_autograd_grad");
}

cd_graph_step *cd_capture_gradient(cd_step_kind kind, cd_tensor *leaf, const cd_tensor *value)
{
    cd_graph *g = capture.graph;
    cd_graph_step *s = new_step(g, 0);
    if (!s) return NULL;
    s->kind = (unsigned char)kind;
    if (note_leaf(g, s, leaf)) {
        if (!value) return s;
        s->value = value_of(g, value, kind == CD_STEP_GET ? CD_BUFFER_GRADIENT : CD_BUFFER_HELD);
        if (s->value != CD_ABSENT) return s;
    }
    cd_capture_cancel(s);
    return NULL;
}

bool cd_capture_met_gradient(cd_tensor *t, const cd_tensor *gradient)
{
    if (cd_graph_find_buffer(capture.graph, cd_storage_id(gradient->storage)) >= 0) return true;
    if (cd_grad_fn_of(t)) {
        return cd_check_not_captured("grad", "a computed tensor retains its gradient");
    }
    cd_graph_step *step = cd_capture_gradient(CD_STEP_GET, t, gradient);
    cd_capture_commit(step);
    return step != NULL;
}

/* --- beginning and end ------------------------------------------------------------------------ */

static bool check_tensors(const char *function, cd_tensors tensors, const char *what)
{
    char name[32];
    if (tensors.count < 0 || (tensors.count > 0 && !tensors.tensor)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the array of %ss is NULL", function, what);
    }
    for (int i = 0; i < tensors.count; i++) {
        (void)snprintf(name, sizeof name, "%s %d", what, i);
        if (!cd_check_tensor(tensors.tensor[i], function, name)) return false;
    }
    return true;
}

static int *new_list(int count)
{
    return cd_alloc_zeroed((size_t)(count > 0 ? count : 1), sizeof(int));
}

static bool note_graph_inputs(cd_graph *g, cd_tensors inputs)
{
    g->input = new_list(inputs.count);
    if (!g->input) return false;
    for (; g->inputs < inputs.count; g->inputs++) {
        const cd_tensor *t = inputs.tensor[g->inputs];
        if (cd_graph_find_buffer(g, cd_storage_id(t->storage)) >= 0) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "capture_begin: input %d lies in the memory of an earlier one: give it "
                           "memory of its own (cd_clone)",
                           g->inputs);
        }
        g->input[g->inputs] = value_of(g, t, CD_BUFFER_INPUT);
        if (g->input[g->inputs] == CD_ABSENT) return false;
    }
    return true;
}

bool cd_capture_begin(cd_tensors inputs)
{
    if (!cd_ok() || !check_tensors("capture_begin", inputs, "input")) return false;
    if (cd_is_capturing()) {
        return cd_fail(CD_ERR_STATE, "capture_begin: this thread captures a graph already: end "
                                     "that first (cd_capture_end)");
    }
    cd_graph *g = cd_object_new(&cd_graph_class, sizeof *g);
    if (!g || !note_graph_inputs(g, inputs)) {
        cd_object_disown((cd_object *)g);
        return false;
    }
    if (!cd_hand(g)) return false;
    capture.graph = g;
    capture.mode = cd_modes_begin(CD_MODE_CAPTURE, 0);
    return capture.mode.depth > 0;
}

static bool note_graph_outputs(cd_graph *g, cd_tensors outputs)
{
    g->output = new_list(outputs.count);
    if (!g->output) return false;
    for (; g->outputs < outputs.count; g->outputs++) {
        const int value = value_of(g, outputs.tensor[g->outputs], CD_BUFFER_HELD);
        if (value == CD_ABSENT) return false;
        g->output[g->outputs] = value;
    }
    return true;
}

/* Notes that this step is the last so far that needs the value's buffer. */
static void note_use(cd_graph *g, int value, int step)
{
    if (value != CD_ABSENT) g->buffer[g->value[value].buffer].last_step = step;
}

/* Finds the last step that needs each buffer which a run makes anew, and lists the buffers by that
 * step. */
static void find_last_uses(cd_graph *g)
{
    for (int i = 0; i < g->steps; i++) {
        const cd_graph_step *s = g->step[i];
        if (cd_graph_only_shows(s)) continue;
        if (s->kind != CD_STEP_CALL) note_use(g, s->value, i);
        for (int k = 0; k < s->inputs; k++) note_use(g, s->in[k].value, i);
        for (int j = 0; j < s->outputs; j++) note_use(g, s->out[j], i);
    }
    for (int k = 0; k < g->outputs; k++) note_use(g, g->output[k], CD_ABSENT);
    for (int i = 0; i < g->buffers; i++) {
        cd_graph_buffer *b = &g->buffer[i];
        if (b->kind == CD_BUFFER_INPUT || b->kind == CD_BUFFER_HELD || b->last_step == CD_ABSENT)
            continue;
        b->next_unneeded = g->step[b->last_step]->first_unneeded;
        g->step[b->last_step]->first_unneeded = i;
    }
}

cd_graph *cd_capture_end(cd_tensors outputs)
{
    if (!cd_is_capturing()) {
        (void)cd_fail(CD_ERR_STATE, "capture_end: no graph is being captured: cd_capture_begin was "
                                    "not called, or the scope in which it was has ended");
        return NULL;
    }
    cd_graph *g = capture.graph;
    if (!cd_scope_is_innermost(capture.mode)) {
        (void)cd_fail(CD_ERR_STATE,
                      "capture_end: a scope (CD_SCOPE, CD_NO_GRAD or the like) that began within "
                      "the capture is still open: end the capture where it began");
        return NULL;
    }
    capture.graph = NULL;
    (void)cd_scope_end(capture.mode);
    if (cd_ok() && check_tensors("capture_end", outputs, "output") &&
        note_graph_outputs(g, outputs)) {
        find_last_uses(g);
        return g;
    }
    (void)cd_drop(g);
    return NULL;
}
