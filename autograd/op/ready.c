/* Inputs and outputs made ready for the kernel. Calls that need nothing of this but new outputs on
 * the processor do not come here: see dispatch.c. */
#include "autograd/op/call_internal.h"
#include "core/memory_internal.h"

/* --- room ------------------------------------------------------------------------------------- */

static void *part(char **at, size_t bytes)
{
    void *here = *at;
    *at += bytes;
    return here;
}

/* For an op of more inputs than a call has room for. */
bool cd_call_make_room(cd_call *call)
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

void cd_call_give_up_room(cd_call *call)
{
    for (int i = 0; i < call->temporaries; i++) cd_object_disown(&call->temporary[i]->object);
    if (call->argument != call->near_argument) cd_free(call->argument);
}

static cd_tensor *make_temporary(cd_call *call, cd_dtype dtype, cd_shape shape)
{
    cd_tensor *t = cd_tensor_new_on(call->name, call->device, dtype, &shape);
    if (t) call->temporary[call->temporaries++] = t;
    return t;
}

/* --- inputs ----------------------------------------------------------------------------------- */

/* Input k is read while x is written. */
static bool must_be_apart(const cd_call *call, int k, cd_apart apart)
{
    const cd_tensor *x = call->in[0].tensor, *t = call->in[k].tensor;
    if (!call->in_place || k == 0 || apart == CD_MAY_OVERLAP || t->storage != x->storage) {
        return false;
    }
    return apart == CD_APART || t->offset != x->offset ||
           !cd_layout_same_strides(&t->layout, &x->layout);
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

static void convert(const cd_call *call, const cd_argument *to, const cd_argument *from)
{
    if (to->layout->numel > 0) cd_device_driver_of(call->device)->convert(to, from);
}

/* From another device. */
static cd_tensor *bring(cd_call *call, const cd_tensor *t)
{
    cd_tensor *copy = cd_tensor_copy_on(call->name, call->device, t);
    if (copy) call->temporary[call->temporaries++] = copy;
    return copy;
}

/* As it is where it lies right, else a copy. Copies are not recorded: what is saved for backward is
 * the original. */
bool cd_call_copy_input(cd_call *call, int k)
{
    cd_tensor *t = call->in[k].tensor;
    const bool moves = cd_device_at(t) != call->device;
    if (moves) {
        t = bring(call, t);
        if (!t) return false;
        call->argument[k] = cd_argument_of(t);
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
    const cd_argument from = call->argument[k];
    call->argument[k] = cd_argument_of(copy);
    convert(call, &call->argument[k], &from);
    if (moves) cd_object_disown(&call->temporary[--call->temporaries]->object);
    call->temporary[call->temporaries++] = copy;
    return true;
}

/* --- outputs ---------------------------------------------------------------------------------- */

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
    call->output[j] = t ? cd_argument_of(t) : (cd_argument){ NULL, NULL };
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

static bool ready_brought(cd_call *call, int j)
{
    const cd_tensor *t = call->in[call->op->output[j].of].tensor;
    call->result[j] = cd_tensor_copy_on(call->name, call->device, t);
    return call->result[j] != NULL;
}

bool cd_call_ready_other(cd_call *call, int j)
{
    switch (cd_call_output_kind(call, j)) {
    case CD_VIEW:
        return ready_view(call, j);
    case CD_BROUGHT:
        return ready_brought(call, j);
    default:
        return ready_changed(call, j);
    }
}

void cd_call_give_up_outputs(cd_call *call, int count)
{
    for (int j = 0; j < count; j++) {
        if (cd_call_output_kind(call, j) != CD_CHANGED) {
            cd_object_disown((cd_object *)call->result[j]);
        }
    }
}

void cd_call_announce(cd_call *call, bool state)
{
    for (int j = 0; j < call->outputs; j++) {
        if (cd_call_output_kind(call, j) != CD_CHANGED || !call->result[j]) continue;
        if (is_state(call, j) == state) cd_tensor_bump(call->result[j]);
    }
}

void cd_call_copy_back(cd_call *call, bool state)
{
    if (!call->kernel->run) return; /* on the meta device */
    for (int j = 0; j < call->outputs; j++) {
        if (cd_call_output_kind(call, j) != CD_CHANGED || !call->result[j]) continue;
        const cd_argument to = cd_argument_of(call->result[j]);
        if (to.data == call->output[j].data || is_state(call, j) != state) continue;
        convert(call, &to, &call->output[j]);
    }
}

/* --- the kernel ------------------------------------------------------------------------------- */

bool cd_call_ready_workspace(cd_call *call)
{
    size_t bytes = call->kernel->workspace(&call->launch);
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
