/* Inputs, outputs and workspace are made ready for the kernel: the rare cases, for dispatch.c. A
 * call on the processor whose inputs are as the kernel needs them, and whose outputs are new, needs
 * none of it. */
#include "autograd/dispatch/call_internal.h"
#include "core/memory_internal.h"

/* --- arrays ----------------------------------------------------------------------------------- */

bool cd_call_allocate_arrays(cd_call *call)
{
    const size_t n = (size_t)call->inputs;
    const size_t each = sizeof *call->kernel_in + sizeof *call->number_bytes +
                        sizeof *call->temporary + sizeof *call->need;
    size_t bytes;
    if (!cd_checked_mul(n, each, &bytes) ||
        !cd_checked_add(bytes, CD_CALL_EXTRA_TEMPORARIES * sizeof *call->temporary, &bytes)) {
        return cd_memory_refused(SIZE_MAX);
    }
    char *next = cd_alloc_zeroed(1, bytes);
    if (!next) return false;
    call->kernel_in = cd_memory_part(&next, n * sizeof *call->kernel_in);
    call->number_bytes = cd_memory_part(&next, n * sizeof *call->number_bytes);
    call->temporary =
        cd_memory_part(&next, (n + CD_CALL_EXTRA_TEMPORARIES) * sizeof *call->temporary);
    call->need = cd_memory_part(&next, n * sizeof *call->need);
    return true;
}

void cd_call_release(cd_call *call)
{
    for (int i = 0; i < call->temporaries; i++) cd_object_disown(&call->temporary[i]->object);
    if (call->kernel_in != call->inline_kernel_in) cd_free(call->kernel_in);
}

/* A tensor that the call owns, and frees at its end. */
static cd_tensor *make_temporary(cd_call *call, cd_dtype dtype, cd_shape shape)
{
    cd_tensor *t = cd_tensor_new_on(call->name, call->device, dtype, &shape);
    if (t) call->temporary[call->temporaries++] = t;
    return t;
}

/* --- inputs ----------------------------------------------------------------------------------- */

/* Whether input k must be copied, since it is read while x, which overlaps it, is written. */
static bool must_be_apart(const cd_call *call, int k, cd_apart apart)
{
    const cd_tensor *x = call->in[0].tensor, *t = call->in[k].tensor;
    if (!call->in_place || k == 0 || apart == CD_MAY_OVERLAP || t->storage != x->storage) {
        return false;
    }
    return apart == CD_APART || t->offset != x->offset ||
           !cd_layout_same_shape_and_strides(&t->layout, &x->layout);
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
        return cd_layout_is_matrix(&t->layout);
    case CD_COLUMN:
        return t->numel <= 1 || t->stride[0] >= 1;
    }
    return false;
}

static void convert(const cd_call *call, const cd_array *to, const cd_array *from)
{
    if (to->layout->numel > 0) cd_device_driver_of(call->device)->convert(to, from);
}

/* A temporary copy of t on the device of the call. */
static cd_tensor *copy_to_device(cd_call *call, const cd_tensor *t)
{
    cd_tensor *copy = cd_tensor_copy_on(call->name, call->device, t);
    if (copy) call->temporary[call->temporaries++] = copy;
    return copy;
}

/* The copy is not recorded: the node has an edge to the original, and saves the original. */
bool cd_call_copy_input(cd_call *call, int k)
{
    cd_tensor *t = call->in[k].tensor;
    const bool moves = cd_tensor_device(t) != call->device;
    if (moves) {
        t = copy_to_device(call, t);
        if (!t) return false;
        call->kernel_in[k] = (cd_array){ t->data, &t->layout };
    }
    const cd_need need = call->need[k];
    const cd_dtype dtype = need.dtype ? need.dtype : t->dtype;
    const cd_order order = (cd_order)need.order;
    if (dtype == t->dtype && is_in_order(call, t, order) &&
        (moves || !must_be_apart(call, k, (cd_apart)need.apart))) {
        return true;
    }
    const cd_shape *shape = order == CD_STRETCHED ? &call->stretched : &t->shape;
    cd_tensor *copy = cd_tensor_new_on(call->name, call->device, dtype, shape);
    if (!copy) return false;
    const cd_array from = call->kernel_in[k];
    call->kernel_in[k] = (cd_array){ copy->data, &copy->layout };
    convert(call, &call->kernel_in[k], &from);
    if (moves) cd_object_disown(&call->temporary[--call->temporaries]->object);
    call->temporary[call->temporaries++] = copy;
    return true;
}

/* --- outputs ---------------------------------------------------------------------------------- */

/* The input that output j, which is CD_CHANGED, changes; NULL if it was left out. */
static cd_tensor *changed_input(const cd_call *call, int j)
{
    return call->in[call->in_place && j == 0 ? 0 : call->op->output[j].of].tensor;
}

/* Whether output j is an input changed beside output 0 (running statistics, say) in anomaly mode.
 * It is computed in a temporary, and copied back only when the outputs were found finite. */
static bool is_state(const cd_call *call, int j)
{
    return call->anomaly && !(call->in_place && j == 0);
}

/* An input that the kernel cannot write to as it is, because of its dtype or layout, is computed in
 * a temporary, which is copied back after the run. */
static bool ready_changed(cd_call *call, int j)
{
    const cd_result *r = &call->out[j];
    cd_tensor *t = changed_input(call, j);
    call->output_tensor[j] = t;
    if (t &&
        (t->dtype != r->dtype || (r->must_be_contiguous && !t->contiguous) || is_state(call, j))) {
        t = make_temporary(call, r->dtype, t->shape);
        if (!t) return false;
    }
    call->kernel_out[j] = t ? (cd_array){ t->data, &t->layout } : (cd_array){ NULL, NULL };
    return true;
}

static bool ready_view(cd_call *call, int j)
{
    const cd_result *r = &call->out[j];
    cd_tensor *base = call->in[call->op->output[j].of].tensor;
    cd_tensor *t = cd_tensor_view(base, &r->shape, r->stride, r->offset);
    call->output_tensor[j] = t;
    if (t && call->op->backward) cd_view_of(t, base); /* not for cd_detach, which has no history */
    return t != NULL;
}

static bool ready_copied(cd_call *call, int j)
{
    const cd_tensor *t = call->in[call->op->output[j].of].tensor;
    call->output_tensor[j] = cd_tensor_copy_on(call->name, call->device, t);
    return call->output_tensor[j] != NULL;
}

bool cd_call_make_other_output(cd_call *call, int j)
{
    switch (cd_call_output_kind(call, j)) {
    case CD_VIEW:
        return ready_view(call, j);
    case CD_COPIED:
        return ready_copied(call, j);
    default:
        return ready_changed(call, j);
    }
}

void cd_call_release_outputs(cd_call *call, int count)
{
    for (int j = 0; j < count; j++) {
        if (cd_call_output_kind(call, j) != CD_CHANGED) {
            cd_object_disown((cd_object *)call->output_tensor[j]);
        }
    }
}

void cd_call_bump_versions(cd_call *call, bool state)
{
    for (int j = 0; j < call->outputs; j++) {
        if (cd_call_output_kind(call, j) != CD_CHANGED || !call->output_tensor[j]) continue;
        if (is_state(call, j) == state) cd_tensor_bump(call->output_tensor[j]);
    }
}

void cd_call_copy_back(cd_call *call, bool state)
{
    if (!call->kernel->run) return; /* on the meta device */
    for (int j = 0; j < call->outputs; j++) {
        if (cd_call_output_kind(call, j) != CD_CHANGED || !call->output_tensor[j]) continue;
        const cd_array to = { call->output_tensor[j]->data, &call->output_tensor[j]->layout };
        if (to.data == call->kernel_out[j].data || is_state(call, j) != state) continue;
        convert(call, &to, &call->kernel_out[j]);
    }
}

/* --- the kernel ------------------------------------------------------------------------------- */

bool cd_call_allocate_workspace(cd_call *call)
{
    size_t bytes = call->kernel->workspace(&call->launch);
    if (bytes == 0) {
        /* Any address will do, but not NULL: even adding 0 to NULL is undefined. */
        call->launch.workspace = call->inline_number_bytes;
        return true;
    }
    cd_shape shape = { .ndim = 1, .dim = { bytes <= INT64_MAX ? (int64_t)bytes : -1 } };
    cd_tensor *t = make_temporary(call, CD_U8, shape);
    call->launch.workspace = t ? t->data : NULL;
    return t != NULL;
}
