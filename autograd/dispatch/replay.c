/* Running a captured graph: its steps are done again, one by one. Calls go through the dispatcher
 * as any others, with grad mode off. */
#include "autograd/dispatch/graph_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"

/* --- values ----------------------------------------------------------------------------------- */

/* A tensor on the buffer, where this run has it, with the layout of a value. NULL with an error. */
static cd_tensor *new_tensor(const cd_graph_buffer *b, const cd_graph_value *v)
{
    cd_layout layout = v->layout;
    layout.offset += b->shift;
    return cd_storage_view_layout(b->storage, &layout);
}

/* The tensor of a value; it lives until the buffer is released. NULL with an error. */
static cd_tensor *tensor_of(cd_graph *g, int value)
{
    cd_graph_value *v = &g->value[value];
    if (!v->tensor) v->tensor = new_tensor(&g->buffer[v->buffer], v);
    return v->tensor;
}

/* Frees the tensors of a buffer's values, and so its memory if a step of this run has made it. */
static void release_buffer(cd_graph *g, int buffer)
{
    cd_graph_buffer *b = &g->buffer[buffer];
    for (int i = b->first_value; i != CD_ABSENT; i = g->value[i].next_value) {
        cd_object_disown((cd_object *)g->value[i].tensor);
        g->value[i].tensor = NULL;
    }
    b->storage = NULL;
}

/* --- inputs ----------------------------------------------------------------------------------- */

static bool check_input(const cd_graph *g, int k, const cd_tensor *t)
{
    char own[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    const cd_graph_value *v = &g->value[g->input[k]];
    const cd_device device = (cd_device)g->buffer[v->buffer].device;
    if (cd_tensor_device(t) != device) {
        return cd_fail(CD_ERR_DEVICE,
                       "graph_run: input %d is on %s, and the graph was captured with one on %s: "
                       "bring it there (cd_to_device)",
                       k, cd_device_name(cd_tensor_device(t)), cd_device_name(device));
    }
    if (t->dtype != v->layout.dtype) {
        return cd_fail(CD_ERR_DTYPE,
                       "graph_run: input %d is %s, and the graph was captured with %s: convert it "
                       "(cd_to)",
                       k, cd_dtype_name(t->dtype), cd_dtype_name(v->layout.dtype));
    }
    if (g->buffer[v->buffer].written && (cd_modes & CD_MODE_GRAD) && cd_view_tracks(t)) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "graph_run: input %d requires gradients, and the graph changes it without "
                       "recording that: run it under CD_NO_GRAD(), or on a copy (cd_clone of "
                       "cd_detach)",
                       k);
    }
    return cd_same_sizes(&t->shape, &v->layout.shape) ||
           cd_fail(CD_ERR_SHAPE,
                   "graph_run: input %d has shape %s, and the graph was captured with %s: capture "
                   "another for this shape",
                   k, cd_shape_text(t->shape, own), cd_shape_text(v->layout.shape, right));
}

static bool check_inputs(const cd_graph *g, cd_tensors inputs)
{
    char name[32];
    if (inputs.count != g->inputs || (inputs.count > 0 && !inputs.tensor)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "graph_run: %d input%s given, and the graph was captured with %d",
                       inputs.count, inputs.count == 1 ? " is" : "s are", g->inputs);
    }
    for (int k = 0; k < inputs.count; k++) {
        (void)snprintf(name, sizeof name, "input %d", k);
        if (!cd_check_tensor(inputs.tensor[k], "graph_run", name) ||
            !check_input(g, k, inputs.tensor[k])) {
            return false;
        }
    }
    return true;
}

/* Whether both have their elements in the same order in memory. */
static bool same_order(const cd_layout *a, const cd_layout *b)
{
    return (a->contiguous && b->contiguous) || cd_layout_same_shape_and_strides(a, b);
}

/* A copy of t with the layout of the captured input. */
static cd_tensor *copy_with_layout(const cd_layout *layout, const cd_tensor *t)
{
    const cd_shape flat = { .ndim = 1, .dim = { cd_layout_end(layout) } };
    cd_tensor *whole = cd_tensor_new_on("graph_run", cd_tensor_device(t), t->dtype, &flat);
    cd_tensor *copy = whole ? cd_storage_view_layout(whole->storage, layout) : NULL;
    if (copy) cd_tensor_copy(copy, t);
    cd_object_disown((cd_object *)whole);
    return copy;
}

/* Makes t input k of this run. An input whose elements are in another order in memory than the
 * captured input's were is copied, unless the graph changes it. */
static bool bind(cd_graph *g, int k, const cd_tensor *t)
{
    cd_graph_value *v = &g->value[g->input[k]];
    cd_graph_buffer *b = &g->buffer[v->buffer];
    b->shift = 0;
    if (same_order(&t->layout, &v->layout)) {
        b->storage = t->storage;
        b->shift = t->offset - v->layout.offset;
        return true;
    }
    if (b->written || cd_strides_overlap(v->layout.shape, v->layout.stride)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "graph_run: input %d lies in memory in another order than the one that the "
                       "graph was captured with%s: take cd_contiguous of both",
                       k, b->written ? ", and the graph changes it" : "");
    }
    v->tensor = copy_with_layout(&v->layout, t);
    if (v->tensor) b->storage = v->tensor->storage;
    return v->tensor != NULL;
}

static bool bind_inputs(cd_graph *g, cd_tensors inputs)
{
    for (int k = 0; k < g->inputs; k++) {
        if (!bind(g, k, inputs.tensor[k])) return false;
    }
    return true;
}

/* --- steps ------------------------------------------------------------------------------------ */

static bool fill_inputs(cd_graph *g, const cd_graph_step *s, cd_operand *in)
{
    for (int k = 0; k < s->inputs; k++) {
        in[k] = s->in[k].operand;
        if (s->in[k].value == CD_ABSENT) continue;
        in[k] = cd_operand_tensor(tensor_of(g, s->in[k].value));
        if (!in[k].tensor) return false;
    }
    return true;
}

/* Whether output j is a new tensor of the step. */
static bool is_made(const cd_graph_step *s, int j)
{
    const unsigned char kind = s->op->output[j].kind;
    return s->out[j] != CD_ABSENT && (kind == CD_NEW || kind == CD_COPIED) &&
           !(s->in_place && j == 0);
}

static bool run_with(cd_graph *g, const cd_graph_step *s, const cd_operand *in)
{
    cd_call call;
    cd_call_begin(&call, s->op, in, s->inputs);
    call.in_place = s->in_place;
    call.launch.attributes = s->attributes;
    call.generator = s->generator;
    call.device = s->device;
    call.asked = 0;
    for (int j = 0; j < s->outputs; j++) call.asked |= is_made(s, j) ? CD_SET(j) : 0;
    if (!cd_call_prepare(&call)) return false;
    cd_call_commit(&call);
    for (int j = 0; j < s->outputs; j++) {
        if (!is_made(s, j)) continue;
        cd_graph_value *v = &g->value[s->out[j]];
        v->tensor = call.output_tensor[j];
        g->buffer[v->buffer].storage = v->tensor->storage;
    }
    cd_call_finish_owned(&call);
    return true;
}

static bool run_call(cd_graph *g, const cd_graph_step *s)
{
    cd_operand on_stack[CD_CALL_INLINE], *in = on_stack;
    if (s->inputs > CD_CALL_INLINE) {
        in = cd_alloc_zeroed((size_t)s->inputs, sizeof *in);
        if (!in) return false;
    }
    const bool done = fill_inputs(g, s, in) && run_with(g, s, in);
    if (in != on_stack) cd_free(in);
    return done;
}

/* Sets the error "graph_run: NAME what", with the leaf's name in the graph if it has one; returns
 * false. */
static bool fail_at_leaf(const cd_graph *g, const cd_graph_step *s, const char *what)
{
    char shown[64];
    const char *name = g->buffer[g->value[s->parameter].buffer].name;
    return cd_fail(CD_ERR_STATE, "graph_run: %s %s",
                   name ? cd_escape_text(shown, sizeof shown, name) : "a leaf", what);
}

/* Whether the leaf still has the memory that the graph holds for it. */
static bool check_leaf(const cd_graph *g, const cd_graph_step *s)
{
    return s->leaf->storage == g->buffer[g->value[s->parameter].buffer].storage ||
           fail_at_leaf(g, s,
                        "lies elsewhere (cd_module_to) since the graph was captured: capture it "
                        "again");
}

static bool put_gradient(cd_graph *g, const cd_graph_step *s)
{
    cd_tensor *gradient = tensor_of(g, s->value);
    if (!gradient || !cd_variable_need(s->leaf)) return false;
    if (!s->leaf->requires_grad) {
        return fail_at_leaf(g, s,
                            "has ceased to require gradients since the graph was captured: capture "
                            "it again");
    }
    return cd_grad_put(s->leaf, gradient) ||
           fail_at_leaf(g, s,
                        "has a gradient, and had none when the graph was captured: capture code "
                        "that drops it first (cd_zero_grad)");
}

/* Whether t can take the place of a value of the capture. */
static bool is_alike(const cd_graph *g, const cd_graph_value *v, const cd_tensor *t)
{
    return t->dtype == v->layout.dtype && cd_same_sizes(&t->shape, &v->layout.shape) &&
           same_order(&t->layout, &v->layout) && t->storage->device == g->buffer[v->buffer].device;
}

static bool get_gradient(cd_graph *g, const cd_graph_step *s)
{
    cd_graph_value *v = &g->value[s->value];
    cd_graph_buffer *b = &g->buffer[v->buffer];
    cd_tensor *gradient = cd_variable_of(s->leaf) ? cd_grad_own(s->leaf) : NULL;
    const bool right = gradient && is_alike(g, v, gradient);
    if (right) {
        v->tensor = cd_storage_view_layout(gradient->storage, &gradient->layout);
        b->storage = gradient->storage;
        b->shift = gradient->offset - v->layout.offset;
    } else {
        (void)fail_at_leaf(g, s,
                           gradient
                               ? "has a gradient of another shape, dtype or device than the one "
                                 "that was captured, which the graph reads"
                               : "has no gradient, which the graph reads: go backward once "
                                 "before, or capture code that drops it first "
                                 "(cd_zero_grad)");
    }
    cd_object_disown((cd_object *)gradient);
    return right && v->tensor;
}

static bool run_step(cd_graph *g, const cd_graph_step *s)
{
    switch ((cd_step_kind)s->kind) {
    case CD_STEP_CALL:
        return cd_graph_only_shows(s) || run_call(g, s);
    case CD_STEP_PUT:
        return check_leaf(g, s) && put_gradient(g, s);
    case CD_STEP_GET:
        return check_leaf(g, s) && get_gradient(g, s);
    case CD_STEP_DROP:
        break;
    }
    return check_leaf(g, s) && cd_grad_drop(s->leaf);
}

static bool run_steps(cd_graph *g)
{
    for (int i = 0; i < g->steps; i++) {
        if (!run_step(g, g->step[i])) return false;
        for (int b = g->step[i]->first_unneeded; b != CD_ABSENT; b = g->buffer[b].next_unneeded)
            release_buffer(g, b);
    }
    return true;
}

/* --- outputs ---------------------------------------------------------------------------------- */

/* Hands all outputs to the scope that is open, or none. */
static bool hand_out(cd_graph *g, cd_tensor **outputs)
{
    for (int k = 0; k < g->outputs; k++) {
        const cd_graph_value *v = &g->value[g->output[k]];
        outputs[k] = cd_hand(new_tensor(&g->buffer[v->buffer], v));
        if (outputs[k]) continue;
        for (; k > 0; outputs[k] = NULL) (void)cd_drop(outputs[--k]);
        return false;
    }
    return true;
}

static void release_all(cd_graph *g)
{
    for (int i = 0; i < g->buffers; i++) {
        if (g->buffer[i].kind != CD_BUFFER_HELD && g->buffer[i].storage) release_buffer(g, i);
    }
    g->running = false;
}

bool cd_graph_run(cd_graph *g, cd_tensors inputs, cd_tensor **outputs)
{
    if (!cd_ok() || !cd_graph_check(g, "graph_run") ||
        !cd_check_not_captured("graph_run", "it is a graph of its own") ||
        !check_inputs(g, inputs)) {
        return false;
    }
    if (g->outputs > 0 && !outputs) {
        return cd_fail(CD_ERR_ARGUMENT, "graph_run: outputs is NULL, and the graph has %d",
                       g->outputs);
    }
    if (g->running) return cd_fail(CD_ERR_STATE, "graph_run: the graph is running already");
    g->running = true;
    cd_object_own(&g->object); /* a destroy function that a step calls may drop the graph */
    cd_scope mode = cd_modes_begin(0, CD_MODE_GRAD | CD_MODE_ANOMALY);
    const bool ran = cd_ok() && bind_inputs(g, inputs) && run_steps(g);
    (void)cd_scope_end(mode);
    const bool done = ran && hand_out(g, outputs);
    release_all(g);
    cd_object_disown(&g->object);
    return done;
}
