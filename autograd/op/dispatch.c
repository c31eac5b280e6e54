/* The dispatcher. */
#include <stdarg.h>
#include <string.h>

#include "autograd/anomaly_internal.h"
#include "autograd/op/call_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/memory_internal.h"
#include "core/operand_internal.h"
#include "core/random_internal.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"

const cd_field cd_no_fields[] = { CD_FIELDS_END };
const cd_field cd_dim_fields[] = { CD_FIELD(cd_dim_attributes, DIM, dim), CD_FIELDS_END };
const cd_field cd_shape_fields[] = { CD_FIELD(cd_shape_attributes, SHAPE, shape), CD_FIELDS_END };

bool cd_refuse(const cd_call *call, cd_code code, const char *format, ...)
{
    char text[CD_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)cd_vformat(text, sizeof text, format, arguments);
    va_end(arguments);
    return cd_fail(code, "%s: %s", call->name, text);
}

bool cd_check_gradient_shape(const cd_call *call, const cd_tensor *dy, cd_shape right)
{
    char own[CD_SHAPE_TEXT], text[CD_SHAPE_TEXT];
    return cd_shape_equal(dy->shape, right) ||
           cd_refuse(call, CD_ERR_SHAPE, "the gradient has shape %s, and must be %s",
                     cd_shape_text(dy->shape, own), cd_shape_text(right, text));
}

/* --- what was given --------------------------------------------------------------------------- */

static bool is_live(const cd_tensor *t)
{
    return t && atomic_load_explicit(&t->object.kind, memory_order_relaxed) == CD_KIND_TENSOR;
}

static bool is_optional(const cd_op *op, int k)
{
    return !op->variadic && (op->optional >> k & 1);
}

static __attribute__((noinline, cold)) bool refuse_input(const cd_call *call, int k)
{
    char numbered[32];
    const cd_op *op = call->op;
    const cd_tensor *t = call->in[k].tensor;
    const char *name = call->in_place && k == 0 ? "x" : op->variadic ? numbered : op->input[k];
    if (op->variadic) (void)snprintf(numbered, sizeof numbered, "%s %d", op->input[0], k);
    if (!t && !op->variadic && (op->numbers >> k & 1)) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "%s is NULL (cd_grad gives NULL until a gradient has arrived)", name);
    }
    return cd_check_tensor(t, call->name, name);
}

/* Inputs that the op has no gradient for must not ask for one. */
static bool check_constants(const cd_call *call)
{
    for (int k = 0; k < call->inputs; k++) {
        const cd_tensor *t = cd_operand_input(call->in[k]);
        if (!t || !(call->op->no_gradient >> k & 1) || !cd_view_tracks(t)) continue;
        return cd_refuse(call, CD_ERR_UNSUPPORTED,
                         "there is no gradient for %s, which requires one: take cd_detach of it",
                         call->op->input[k]);
    }
    return true;
}

/* A view's history must be right before anything is asked of it. */
static bool views_current(const cd_call *call, bool *tracked)
{
    for (int k = 0; k < call->inputs; k++) {
        const cd_tensor *t = cd_operand_input(call->in[k]);
        if (!t || !t->is_view) continue;
        if (!cd_view_current(t, call->name)) return false;
        *tracked |= cd_view_tracks(t);
    }
    return true;
}

static inline __attribute__((always_inline)) bool check_inputs(cd_call *call, unsigned modes)
{
    const cd_op *op = call->op;
    bool tracked = false, views = false;
    for (int k = 0; k < call->inputs; k++) {
        if (call->in[k].kind != CD_OPERAND_TENSOR) continue;
        const cd_tensor *t = call->in[k].tensor;
        if (!t && is_optional(op, k)) continue;
        if (!is_live(t)) return refuse_input(call, k);
        if (t->is_view) {
            views = true; /* another thread may be making its history anew */
        } else {
            tracked |= cd_tracks(t);
        }
    }
    const bool records = op->backward && (modes & CD_MODE_GRAD);
    if (views && records && !views_current(call, &tracked)) return false;
    call->record = tracked && records;
    return !call->record || !op->no_gradient || check_constants(call);
}

static bool check_changeable(const cd_call *call, unsigned modes)
{
    char text[CD_SHAPE_TEXT];
    const cd_tensor *x = call->in[0].tensor;
    if (call->record && x->is_view && !cd_check_view_changeable(call->name, x)) return false;
    if ((modes & CD_MODE_GRAD) && x->requires_grad && !cd_grad_fn_of(x)) {
        return cd_refuse(call, CD_ERR_AUTOGRAD,
                         "a leaf that requires gradients is changed in place (shape %s): do it "
                         "under CD_NO_GRAD(), or on a copy (cd_clone)",
                         cd_shape_text(x->shape, text));
    }
    return !cd_tensor_overlaps(x) ||
           cd_refuse(call, CD_ERR_ARGUMENT,
                     "several elements of x (%s) share one place in memory, as cd_expand makes it: "
                     "take cd_clone of it first",
                     cd_shape_text(x->shape, text));
}

/* Inputs that an op changes though it is not its form in place: running statistics. */
static bool check_state(const cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    for (int j = 0; j < call->outputs; j++) {
        const cd_output *output = &call->op->output[j];
        const cd_tensor *t = output->kind == CD_CHANGED ? call->in[output->of].tensor : NULL;
        if (!t) continue;
        const char *name = call->op->input[output->of];
        if (cd_tensor_overlaps(t)) {
            return cd_refuse(call, CD_ERR_ARGUMENT,
                             "several elements of %s (%s) share one place in memory, as cd_expand "
                             "makes it: take cd_clone of it first",
                             name, cd_shape_text(t->shape, text));
        }
    }
    return true;
}

static bool check_changes(const cd_call *call, unsigned modes)
{
    return (!call->in_place || check_changeable(call, modes)) &&
           (!call->op->changes || check_state(call));
}

/* --- room ------------------------------------------------------------------------------------- */

static void *part(char **at, size_t bytes)
{
    void *here = *at;
    *at += bytes;
    return here;
}

/* For an op of more inputs than a call has room for. */
static __attribute__((noinline, cold)) bool make_room(cd_call *call)
{
    const size_t n = (size_t)call->inputs;
    const size_t each = sizeof *call->argument + sizeof *call->number + sizeof *call->temporary +
                        sizeof *call->need;
    size_t bytes;
    if (!cd_checked_mul(n, each, &bytes) ||
        !cd_checked_add(bytes, CD_CALL_OTHERS * sizeof *call->temporary, &bytes)) {
        return cd_memory_refused(SIZE_MAX);
    }
    char *at = cd_alloc_zeroed(1, bytes);
    if (!at) return false;
    call->argument = part(&at, n * sizeof *call->argument);
    call->number = part(&at, n * sizeof *call->number);
    call->temporary = part(&at, (n + CD_CALL_OTHERS) * sizeof *call->temporary);
    call->need = part(&at, n * sizeof *call->need);
    return true;
}

static const cd_need no_need;

static bool use_room(cd_call *call)
{
    if (call->inputs > CD_CALL_NEAR) return make_room(call);
    call->argument = call->near_argument;
    call->number = call->near_number;
    call->temporary = call->near_temporary;
    call->need = call->near_need;
    if (call->op->infer) {
        for (int k = 0; k < call->inputs; k++) call->need[k] = no_need;
    }
    return true;
}

static void give_up_room(cd_call *call)
{
    for (int i = 0; i < call->temporaries; i++) cd_object_disown(&call->temporary[i]->object);
    if (call->argument != call->near_argument) cd_free(call->argument);
}

static cd_tensor *make_temporary(cd_call *call, cd_dtype dtype, cd_shape shape)
{
    cd_tensor *t = cd_tensor_new(call->name, dtype, shape);
    if (t) call->temporary[call->temporaries++] = t;
    return t;
}

static cd_argument argument_of(cd_tensor *t)
{
    return (cd_argument){ cd_tensor_data(t), &t->layout };
}

/* --- inputs made ready ------------------------------------------------------------------------ */

static bool lie_alike(const cd_tensor *a, const cd_tensor *b)
{
    if (a->offset != b->offset || !cd_same_shape(a, b)) return false;
    for (int i = 0; i < a->shape.ndim; i++) {
        if (a->stride[i] != b->stride[i]) return false;
    }
    return true;
}

/* Input k is read while x is written. */
static bool must_be_apart(const cd_call *call, int k, cd_apart apart)
{
    const cd_tensor *x = call->in[0].tensor, *t = call->in[k].tensor;
    if (!call->in_place || k == 0 || apart == CD_MAY_OVERLAP || t->storage != x->storage) {
        return false;
    }
    return apart == CD_APART || !lie_alike(t, x);
}

static bool is_in_order(const cd_call *call, const cd_tensor *t, cd_order order)
{
    switch (order) {
    case CD_ANY_ORDER:
        return true;
    case CD_ROW_MAJOR:
        return t->contiguous;
    case CD_STRETCHED:
        return t->contiguous && cd_shape_equal(t->shape, call->stretched);
    case CD_MATRICES:
        return cd_layout_of_matrices(&t->layout);
    case CD_COLUMN:
        return t->numel <= 1 || t->stride[0] >= 1;
    }
    return false;
}

/* As it is where it lies right, else a copy. Copies are not recorded: what is saved for backward is
 * the original. */
static __attribute__((noinline)) bool copy_input(cd_call *call, int k)
{
    cd_tensor *t = call->in[k].tensor;
    const cd_need need = call->need[k];
    const cd_dtype dtype = need.dtype ? need.dtype : t->dtype;
    const cd_order order = (cd_order)need.order;
    if (dtype == t->dtype && is_in_order(call, t, order) &&
        !must_be_apart(call, k, (cd_apart)need.apart)) {
        return true;
    }
    cd_tensor *copy =
        make_temporary(call, dtype, order == CD_STRETCHED ? call->stretched : t->shape);
    if (!copy) return false;
    const cd_argument from = call->argument[k];
    call->argument[k] = argument_of(copy);
    cd_cpu_convert(&call->argument[k], &from);
    return true;
}

static bool ready_input(cd_call *call, int k)
{
    const cd_operand *o = &call->in[k];
    const cd_need *need = &call->need[k];
    cd_argument *a = &call->argument[k];
    if (o->kind != CD_OPERAND_TENSOR) {
        cd_operand_store(o, need->dtype, &call->number[k]);
        *a = (cd_argument){ &call->number[k], &cd_number_layout[need->dtype] };
        return true;
    }
    if (!o->tensor) {
        *a = (cd_argument){ NULL, NULL };
        return true;
    }
    const cd_tensor *x = o->tensor;
    *a = argument_of(o->tensor);
    if ((need->dtype == CD_DTYPE_DEFAULT || need->dtype == x->dtype) &&
        (need->apart == CD_MAY_OVERLAP || !call->in_place)) {
        /* What is contiguous is in any order but that of another shape. */
        if (need->order == CD_ANY_ORDER || (x->contiguous && need->order != CD_STRETCHED)) {
            return true;
        }
    }
    return copy_input(call, k);
}

static bool ready_inputs(cd_call *call)
{
    for (int k = 0; k < call->inputs; k++) {
        if (!ready_input(call, k)) return false;
    }
    return true;
}

/* --- outputs ---------------------------------------------------------------------------------- */

static cd_output_kind output_kind(const cd_call *call, int j)
{
    return call->in_place && j == 0 ? CD_CHANGED : (cd_output_kind)call->op->output[j].kind;
}

static cd_tensor *changed_input(const cd_call *call, int j)
{
    return call->in[call->in_place && j == 0 ? 0 : call->op->output[j].of].tensor;
}

/* In anomaly mode what is changed beside output 0 waits until the outputs have been looked at. */
static bool is_state(const cd_call *call, int j)
{
    return call->anomaly && !(call->in_place && j == 0);
}

/* What is changed in another dtype or order than its own is computed beside it, and copied back. */
static bool ready_changed(cd_call *call, int j)
{
    const cd_result *r = &call->out[j];
    cd_tensor *t = changed_input(call, j);
    call->result[j] = t;
    if (t && (t->dtype != r->dtype || (r->contiguous && !t->contiguous) || is_state(call, j))) {
        t = make_temporary(call, r->dtype, t->shape);
        if (!t) return false;
    }
    call->output[j] = t ? argument_of(t) : (cd_argument){ NULL, NULL };
    return true;
}

static bool ready_view(cd_call *call, int j)
{
    const cd_result *r = &call->out[j];
    cd_tensor *base = call->in[call->op->output[j].of].tensor;
    cd_tensor *t = cd_tensor_view(base, &r->shape, r->stride, r->offset);
    call->result[j] = t;
    if (t && call->op->backward) cd_view_of(t, base); /* a detached one goes its own way */
    return t != NULL;
}

/* The caller wants this output beside the first. */
static bool is_wanted(const cd_call *call, int j)
{
    return call->second && ((call->asked >> j & 1) || (j == 1 && call->asked == CD_SET(0)));
}

/* Somebody reads it: the caller, or backward. */
static bool is_asked(const cd_call *call, int j)
{
    if (j > 0 && !call->second && !call->record) return false;
    if (j == 0 ? call->asked & 1 : is_wanted(call, j)) return true;
    for (int s = 0; call->record && s < CD_OP_SAVES; s++) {
        const cd_save *slot = &call->op->save[s];
        if (slot->kind == CD_OUTPUT && slot->index == j) return true;
    }
    return false;
}

static bool ready_new(cd_call *call, int j)
{
    if ((j > 0 || call->asked != CD_SET(0)) && !is_asked(call, j)) {
        call->result[j] = NULL;
        call->output[j] = (cd_argument){ NULL, NULL };
        return true;
    }
    cd_tensor *t = cd_tensor_of(call->name, call->out[j].dtype, &call->out[j].shape);
    if (!t) return false;
    call->output[j] = argument_of(t);
    call->result[j] = t;
    return true;
}

static bool ready_output(cd_call *call, int j)
{
    switch (output_kind(call, j)) {
    case CD_CHANGED:
        return ready_changed(call, j);
    case CD_VIEW:
        return ready_view(call, j);
    case CD_NEW:
        break;
    }
    return ready_new(call, j);
}

static void give_up_outputs(cd_call *call, int count)
{
    for (int j = 0; j < count; j++) {
        if (output_kind(call, j) != CD_CHANGED) cd_object_disown((cd_object *)call->result[j]);
    }
}

static bool ready_outputs(cd_call *call)
{
    const cd_output *output = call->op->output;
    for (int j = 0; j < call->outputs; j++) {
        const bool plain = output[j].kind == CD_NEW && !call->in_place;
        if (plain ? ready_new(call, j) : ready_output(call, j)) continue;
        give_up_outputs(call, j);
        return false;
    }
    return true;
}

/* --- the kernel ------------------------------------------------------------------------------- */

static bool check_values(cd_call *call)
{
    cd_fault fault;
    const cd_kernel *kernel = &call->op->cpu;
    return kernel->check(&call->launch, &fault) || call->op->refuse(call, &fault);
}

static void measure_output(cd_call *call)
{
    cd_shape *shape = &call->out[0].shape;
    const int64_t size = call->op->cpu.measure(&call->launch);
    for (int i = 0; i < shape->ndim; i++) {
        if (shape->dim[i] == CD_MEASURED) shape->dim[i] = size;
    }
}

static bool ready_workspace(cd_call *call)
{
    const cd_kernel *kernel = &call->op->cpu;
    size_t bytes = kernel->workspace(&call->launch);
    if (bytes == 0) {
        /* Parts of no elements begin somewhere: even adding 0 to NULL is undefined. */
        call->launch.workspace = call->near_number;
        return true;
    }
    cd_shape shape = { .ndim = 1, .dim = { bytes <= INT64_MAX ? (int64_t)bytes : -1 } };
    cd_tensor *t = make_temporary(call, CD_U8, shape);
    call->launch.workspace = t ? cd_tensor_data(t) : NULL;
    return t != NULL;
}

/* --- the halves ------------------------------------------------------------------------------- */

static bool infer(cd_call *call)
{
    if (call->changes) {
        for (int j = 0; j < call->outputs; j++) call->out[j].contiguous = false;
    }
    return call->op->infer ? call->op->infer(call) : cd_infer_elementwise(call);
}

/* Shapes, dtypes and values are right, and the inputs ready for the kernel. */
static inline __attribute__((always_inline)) bool infer_and_check(cd_call *call)
{
    const cd_op *op = call->op;
    if (!infer(call)) return false;
    if (!op->cpu.run && !op->elementwise) return true; /* a view reads nothing */
    if (!ready_inputs(call)) return false;
    call->launch.in = call->argument;
    call->launch.out = call->output;
    call->launch.inputs = call->inputs;
    call->launch.outputs = call->outputs;
    call->launch.workspace = NULL;
    return !op->cpu.check || check_values(call);
}

static bool ready(cd_call *call)
{
    if (!infer_and_check(call)) return false;
    if (call->op->cpu.measure) measure_output(call);
    if (!ready_outputs(call)) return false;
    if ((!call->op->cpu.workspace || ready_workspace(call)) &&
        (!call->record || cd_call_make_node(call))) {
        return true;
    }
    give_up_outputs(call, call->outputs);
    return false;
}

bool cd_call_prepare(cd_call *call)
{
    const cd_op *op = call->op;
    const unsigned modes = cd_modes();
    call->node = call->slices = NULL;
    call->outputs = op->outputs ? op->outputs : 1;
    call->temporaries = 0;
    call->anomaly = (modes & CD_MODE_ANOMALY) != 0;
    call->changes = call->in_place || op->changes;
    if (call->changes && !cd_ok()) return false;
    if (call->in_place && op->in_place) call->name = op->in_place;
    if (!check_inputs(call, modes) || (call->changes && !check_changes(call, modes)) ||
        (op->random && !cd_generator_check(call->generator, call->name)) || !use_room(call)) {
        return false;
    }
    if (ready(call)) {
        if (call->anomaly) cd_call_look_before(call);
        return true;
    }
    give_up_room(call);
    return false;
}

bool cd_call_check(cd_call *call)
{
    call->outputs = call->op->outputs ? call->op->outputs : 1;
    call->temporaries = 0;
    call->changes = call->in_place || call->op->changes;
    if (!check_inputs(call, cd_modes()) || !use_room(call)) return false;
    const bool good = infer_and_check(call);
    give_up_room(call);
    return good;
}

void cd_call_cancel(cd_call *call)
{
    cd_object_disown((cd_object *)call->node);
    cd_object_disown((cd_object *)call->slices);
    give_up_outputs(call, call->outputs);
    give_up_room(call);
}

static void announce(cd_call *call, bool state)
{
    for (int j = 0; j < call->outputs; j++) {
        if (output_kind(call, j) != CD_CHANGED || !call->result[j]) continue;
        if (is_state(call, j) == state) cd_tensor_bump(call->result[j]);
    }
}

static void copy_back(cd_call *call, bool state)
{
    for (int j = 0; j < call->outputs; j++) {
        if (output_kind(call, j) != CD_CHANGED || !call->result[j]) continue;
        const cd_argument to = argument_of(call->result[j]);
        if (to.data == call->output[j].data || is_state(call, j) != state) continue;
        cd_cpu_convert(&to, &call->output[j]);
    }
}

static void run_with_generator(cd_call *call)
{
    call->launch.generator = cd_generator_lock(call->generator);
    call->op->cpu.run(&call->launch);
    cd_generator_unlock(call->generator);
}

void cd_call_commit(cd_call *call)
{
    const cd_op *op = call->op;
    if (call->changes) announce(call, false);
    if (op->random) {
        run_with_generator(call);
    } else if (op->cpu.run) {
        op->cpu.run(&call->launch);
    } else if (op->elementwise) {
        cd_cpu_map_launch(op->map, &call->launch);
    }
    if (call->changes) copy_back(call, false);
    if (call->node) cd_call_link(call);
}

/* Hands out what the caller asks for, and gives up what only backward reads. False when a place
 * could not be had for it in the scope. */
static bool hand_others(cd_call *call)
{
    bool done = true;
    for (int j = 1; j < call->outputs; j++) {
        if (!call->result[j] || call->op->output[j].kind == CD_CHANGED) continue;
        if (is_wanted(call, j)) {
            call->result[j] = cd_hand(call->result[j]);
            done &= call->result[j] != NULL;
        } else {
            cd_object_disown(&call->result[j]->object);
            call->result[j] = NULL;
        }
    }
    return done;
}

static cd_tensor *hand_out(cd_call *call)
{
    if (call->outputs > 1 && !hand_others(call)) {
        if (!call->in_place) cd_object_disown((cd_object *)call->result[0]);
        return NULL;
    }
    cd_tensor *y = call->in_place ? call->result[0] : cd_hand(call->result[0]);
    if (!call->second || !cd_ok()) return y;
    for (int j = 1; j < call->outputs; j++) {
        if (is_wanted(call, j)) call->second[j - 1] = call->result[j];
    }
    return y;
}

cd_tensor *cd_call_finish(cd_call *call)
{
    const bool fine = !call->anomaly || cd_call_look_after(call);
    if (fine && call->anomaly && call->op->changes) {
        announce(call, true);
        copy_back(call, true);
    }
    if (call->node) cd_object_disown(&call->node->object);
    if (call->temporaries > 0 || call->argument != call->near_argument) give_up_room(call);
    if (fine) return hand_out(call);
    give_up_outputs(call, call->outputs);
    return NULL;
}

/* --- calls ------------------------------------------------------------------------------------ */

cd_tensor *cd_call_run(cd_call *call)
{
    if (!cd_call_prepare(call)) return NULL;
    cd_call_commit(call);
    return cd_call_finish(call);
}

cd_tensor *cd_op_tensors(const cd_op *op, bool in_place, void *attributes, int inputs,
                         cd_tensor *const *in)
{
    cd_call call;
    cd_operand near[CD_CALL_NEAR];
    for (int k = 0; k < inputs; k++) {
        near[k].kind = CD_OPERAND_TENSOR;
        near[k].tensor = in[k];
    }
    cd_call_begin(&call, op, near, inputs);
    call.in_place = in_place;
    call.launch.attributes = attributes;
    return cd_call_run(&call);
}

static cd_tensor *run_variadic(const cd_op *op, void *attributes, cd_operand *in,
                               cd_tensors tensors)
{
    cd_call call;
    for (int k = 0; k < tensors.count; k++) in[k] = cd_operand_tensor(tensors.tensor[k]);
    cd_call_begin(&call, op, in, tensors.count);
    call.launch.attributes = attributes;
    return cd_call_run(&call);
}

cd_tensor *cd_op_variadic(const cd_op *op, void *attributes, cd_tensors tensors)
{
    cd_operand near[CD_CALL_NEAR], *in = near;
    if (!tensors.tensor || tensors.count < 1) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      tensors.tensor ? "%s: there must be at least one tensor"
                                     : "%s: the array is NULL",
                      op->name);
        return NULL;
    }
    if (tensors.count > CD_CALL_NEAR) {
        in = cd_alloc_zeroed((size_t)tensors.count, sizeof *in);
        if (!in) return NULL;
    }
    cd_tensor *y = run_variadic(op, attributes, in, tensors);
    if (in != near) cd_free(in);
    return y;
}

bool cd_op_check_call(const cd_op *op, void *attributes, cd_tensor *x)
{
    cd_call call;
    const cd_operand in = cd_operand_tensor(x);
    cd_call_begin(&call, op, &in, 1);
    call.launch.attributes = attributes;
    return cd_call_check(&call);
}

cd_tensor *cd_op_binary(const cd_op *op, cd_operand a, cd_operand b)
{
    cd_call call;
    const cd_operand in[2] = { a, b };
    cd_call_begin(&call, op, in, 2);
    return cd_call_run(&call);
}

cd_tensor *cd_op_binary_in_place(const cd_op *op, cd_tensor *x, cd_operand b)
{
    cd_call call;
    const cd_operand in[2] = { cd_operand_tensor(x), b };
    cd_call_begin(&call, op, in, 2);
    call.in_place = true;
    return cd_call_run(&call);
}
