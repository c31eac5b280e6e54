/* The frame of every op: checks, outputs, the recording of its node. */
#include "autograd/anomaly_internal.h"

#include <stdarg.h>

#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"

bool cd_op_fail(cd_old_call *call, cd_code code, const char *format, ...)
{
    char text[CD_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)cd_vformat(text, sizeof text, format, arguments);
    va_end(arguments);
    call->failed = true;
    return cd_fail(code, "%s: %s", call->op->name, text);
}

/* "input" for the only one, "input 2" for the second. */
static bool check_input(const cd_op *op, const cd_tensor *t, int index, int inputs)
{
    if (t && atomic_load_explicit(&t->object.kind, memory_order_relaxed) == CD_KIND_TENSOR) {
        return true;
    }
    char argument[32];
    (void)snprintf(argument, sizeof argument, inputs > 1 ? "input %d" : "input", index + 1);
    return cd_check_tensor(t, op->name, argument);
}

bool cd_op_begin_optional(cd_old_call *call, const cd_op *op, int required, int inputs,
                          cd_tensor *const *input)
{
    bool tracked = false, views = false;
    unsigned modes = cd_modes();
    for (int i = 0; i < inputs; i++) {
        if (!input[i] && i >= required) continue;
        if (!check_input(op, input[i], i, inputs)) return false;
        if (input[i]->is_view) {
            views = true; /* another thread may be making its history anew */
        } else {
            tracked |= cd_tracks(input[i]);
        }
    }
    if (views && op->backward && (modes & CD_MODE_GRAD) &&
        !cd_views_current(input, inputs, op->name, &tracked)) {
        return false;
    }
    call->op = op;
    call->record = tracked && op->backward && (modes & CD_MODE_GRAD);
    call->failed = call->in_place = call->keeps = false;
    call->inputs = inputs;
    call->input = input;
    if (inputs <= CD_CALL_INPUTS) {
        for (int i = 0; i < inputs; i++) call->near_input[i] = input[i];
        call->input = call->near_input;
    }
    call->outputs = call->saved = call->temporaries = call->numbers = 0;
    call->parameters = (cd_parameters){ .i = { 0 } };
    call->anomaly.on = (modes & CD_MODE_ANOMALY) != 0;
    if (call->anomaly.on) call->anomaly = (cd_anomaly){ .on = true };
    return true;
}

bool cd_op_begin_n(cd_old_call *call, const cd_op *op, int inputs, cd_tensor *const *input)
{
    return cd_op_begin_optional(call, op, inputs, inputs, input);
}

bool cd_op_begin_in_place(cd_old_call *call, const cd_op *op, int required, int inputs,
                          cd_tensor *const *input)
{
    if (!cd_ok() || !cd_op_begin_optional(call, op, required, inputs, input)) return false;
    cd_tensor *x = input[0];
    if (call->record && x->is_view && !cd_check_view_changeable(op->name, x)) return false;
    char text[CD_SHAPE_TEXT];
    if (cd_grad_enabled() && x->requires_grad && !cd_grad_fn_of(x)) {
        return cd_op_fail(
            call, CD_ERR_AUTOGRAD,
            "a leaf that requires gradients is changed in place (shape %s): do it under "
            "CD_NO_GRAD(), or on a copy (cd_clone)",
            cd_shape_text(x->shape, text));
    }
    if (cd_tensor_overlaps(x)) {
        return cd_op_fail(
            call, CD_ERR_ARGUMENT,
            "several elements of x (%s) share one place in memory, as cd_expand makes "
            "it: take cd_clone of it first",
            cd_shape_text(x->shape, text));
    }
    call->in_place = true;
    call->output[0] = x;
    call->outputs = 1;
    return true;
}

static cd_tensor *add_output(cd_old_call *call, cd_tensor *t)
{
    if (t) {
        call->output[call->outputs++] = t;
    } else {
        call->failed = true;
    }
    return t;
}

cd_tensor *cd_op_output(cd_old_call *call, cd_dtype dtype, cd_shape shape)
{
    if (call->failed) return NULL;
    return add_output(call, cd_tensor_new(call->op->name, dtype, shape));
}

cd_tensor *cd_op_output_view(cd_old_call *call, cd_tensor *base, cd_shape shape,
                             const int64_t *stride, int64_t offset)
{
    if (call->failed) return NULL;
    cd_tensor *t = cd_tensor_view(base, shape, stride, offset);
    if (t && call->op->backward) cd_view_of(t, base); /* a detached one goes its own way */
    return add_output(call, t);
}

static cd_tensor *add_temporary(cd_old_call *call, cd_tensor *t)
{
    if (t) {
        call->temporary[call->temporaries++] = t;
    } else {
        call->failed = true;
    }
    return t;
}

cd_tensor *cd_op_temporary(cd_old_call *call, cd_dtype dtype, cd_shape shape)
{
    if (call->failed) return NULL;
    return add_temporary(call, cd_tensor_new(call->op->name, dtype, shape));
}

cd_tensor *cd_op_copy(cd_old_call *call, cd_tensor *x, cd_dtype dtype)
{
    cd_tensor *copy = cd_op_temporary(call, dtype, x->shape);
    if (copy) cd_tensor_copy(copy, x);
    return copy;
}

cd_tensor *cd_op_as(cd_old_call *call, cd_tensor *x, cd_dtype dtype)
{
    if (call->failed || x->dtype == dtype) return call->failed ? NULL : x;
    return cd_op_copy(call, x, dtype);
}

cd_tensor *cd_op_contiguous(cd_old_call *call, cd_tensor *x)
{
    if (call->failed || !x || x->contiguous) return call->failed ? NULL : x;
    return cd_op_copy(call, x, x->dtype);
}

void *cd_op_workspace(cd_old_call *call, size_t bytes)
{
    cd_shape shape = { .ndim = 1, .dim = { bytes <= INT64_MAX ? (int64_t)bytes : -1 } };
    cd_tensor *t = cd_op_temporary(call, CD_U8, shape);
    return t ? cd_tensor_data(t) : NULL;
}

void cd_op_save(cd_old_call *call, cd_tensor *input)
{
    if (!call->record || call->failed) return;
    call->save[call->saved].tensor = input;
    call->save[call->saved].version = cd_storage_version(input->storage);
    call->saved++;
}

void cd_op_save_output(cd_old_call *call, int index)
{
    if (!call->record || call->failed) return;
    call->save[call->saved].tensor = NULL;
    call->save[call->saved].output = index;
    call->saved++;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* An input's version is that before this op's own write, if it makes one. */
static void save_value(const cd_old_call *call, int k, cd_saved *saved)
{
    cd_tensor *t = call->save[k].tensor;
    if (t) {
        bool written = call->in_place && t->storage == call->output[0]->storage;
        cd_saved_hold(saved, t, call->save[k].version, written);
    } else {
        const int j = call->save[k].output;
        cd_saved_hold_output(saved, call->output[j], cd_storage_version(call->output[j]->storage),
                             j);
    }
}

static cd_node *make_node(const cd_old_call *call)
{
    cd_node *node = cd_node_new(call->op, (cd_node_room){ .edges = call->inputs,
                                                          .outputs = call->outputs,
                                                          .saved = call->saved,
                                                          .attributes = sizeof(cd_parameters) });
    if (!node) return NULL;
    for (int i = 0; i < call->inputs; i++) {
        if (!call->input[i]) continue;
        node->edge[i] = cd_edge_to(call->input[i]);
        node->input[i] = (cd_value_info){ call->input[i]->dtype, call->input[i]->shape };
        if (node->edge[i].target) cd_object_ref(node->edge[i].target);
    }
    for (int j = 0; j < call->outputs; j++) {
        node->output[j] = (cd_value_info){ call->output[j]->dtype, call->output[j]->shape };
    }
    *node->parameters = call->parameters;
    node->keeps = call->keeps;
    node->excused = call->anomaly.on && !cd_anomaly_numbers_finite(call);
    for (int k = 0; k < call->saved; k++) save_value(call, k, &node->save[k]);
    return node;
}

/* Integer outputs (indices) carry no history. */
static bool record(cd_old_call *call)
{
    bool floating = false;
    for (int j = 0; j < call->outputs; j++)
        floating |= cd_dtype_is_floating(call->output[j]->dtype);
    if (!floating) return true;
    cd_node *node = make_node(call);
    if (!node) return false;
    bool done = true;
    for (int j = 0; j < call->outputs && done; j++) {
        if (cd_dtype_is_floating(call->output[j]->dtype)) {
            cd_node *slices = NULL;
            done = !call->in_place || cd_history_prepare(call->output[j], node, j, &slices);
            if (done && call->in_place) cd_history_link(call->output[j], node, j, slices);
            if (done && !call->in_place) done = cd_set_history(call->output[j], node, j);
        }
    }
    cd_object_disown(&node->object);
    return done;
}

bool cd_op_before_write(cd_old_call *call)
{
    if (call->failed) return false;
    if (call->anomaly.on) cd_anomaly_before_write(call);
    cd_tensor_bump(call->output[0]);
    if (call->record && !record(call)) {
        atomic_fetch_sub_explicit(&call->output[0]->storage->version, 1, memory_order_relaxed);
        call->failed = true;
    }
    return !call->failed;
}

static void release_temporaries(cd_old_call *call)
{
    for (int i = 0; i < call->temporaries; i++) cd_object_disown(&call->temporary[i]->object);
}

cd_tensor *cd_op_end_both(cd_old_call *call, cd_tensor **second)
{
    if (call->anomaly.on && !call->failed) (void)cd_anomaly_check_outputs(call);
    bool recorded = call->failed || !call->record || call->in_place || record(call);
    if (!recorded) call->failed = true;
    release_temporaries(call);
    if (call->in_place) return call->failed ? NULL : call->output[0];
    if (call->failed) {
        for (int j = 0; j < call->outputs; j++) cd_object_disown(&call->output[j]->object);
        return NULL;
    }
    cd_tensor *extra = NULL;
    for (int j = 1; j < call->outputs; j++) {
        if (second) extra = cd_hand(call->output[j]);
        if (!second) cd_object_disown(&call->output[j]->object);
        if (second && !extra) {
            cd_object_disown(&call->output[0]->object);
            return NULL;
        }
    }
    cd_tensor *result = cd_hand(call->output[0]);
    if (result && extra) *second = extra;
    return result;
}

cd_tensor *cd_op_end(cd_old_call *call)
{
    return cd_op_end_both(call, NULL);
}
