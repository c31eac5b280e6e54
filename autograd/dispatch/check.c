/* Checks of a call, for dispatch.c: its inputs, its device, and what it changes. A correct call on
 * the processor that changes nothing needs none of it. */
#include "autograd/dispatch/call_internal.h"
#include "core/scope_internal.h"

bool cd_check_gradient_shape(const cd_call *call, const cd_tensor *dy, cd_shape right)
{
    char own[CD_SHAPE_TEXT], text[CD_SHAPE_TEXT];
    return cd_shape_equal(dy->shape, right) ||
           cd_refuse(call, CD_ERR_SHAPE, "the gradient has shape %s, and must be %s",
                     cd_shape_text(dy->shape, own), cd_shape_text(right, text));
}

/* --- inputs ----------------------------------------------------------------------------------- */

enum { NAME_BYTES = 48 };

/* The name of input k, for errors. */
static const char *name_of(const cd_call *call, int k, char text[NAME_BYTES])
{
    const cd_op *op = call->op;
    if (call->in_place && k == 0) return "x";
    if (!op->variadic) return op->input[k];
    (void)snprintf(text, NAME_BYTES, "%s %d", op->input[0], k);
    return text;
}

bool cd_call_refuse_input(const cd_call *call, int k)
{
    char text[NAME_BYTES];
    const cd_op *op = call->op;
    const cd_tensor *t = call->in[k].tensor;
    const char *name = name_of(call, k, text);
    if (!t && !op->variadic && (op->numbers >> k & 1)) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "%s is NULL (cd_grad gives NULL until a gradient has arrived)", name);
    }
    return cd_check_tensor(t, call->name, name);
}

bool cd_call_check_constants(const cd_call *call)
{
    for (int k = 0; k < call->inputs; k++) {
        const cd_tensor *t = cd_operand_as_tensor(call->in[k]);
        if (!t || !(call->op->no_gradient >> k & 1) || !cd_view_tracks(t)) continue;
        return cd_refuse(call, CD_ERR_UNSUPPORTED,
                         "there is no gradient for %s, which requires one: take cd_detach of it",
                         call->op->input[k]);
    }
    return true;
}

bool cd_call_update_view_histories(const cd_call *call, bool *tracked)
{
    /* A comparison that is not in place gives bools, and records nothing: its inputs may be views
     * whose histories are lost. */
    if (call->op->elementwise == CD_TRUTH && !call->in_place) return true;
    for (int k = 0; k < call->inputs; k++) {
        const cd_tensor *t = cd_operand_as_tensor(call->in[k]);
        if (!t || !t->is_view) continue;
        if (!cd_view_update_history(t, call->name)) return false;
        *tracked |= cd_view_tracks(t);
    }
    return true;
}

/* --- devices ---------------------------------------------------------------------------------- */

bool cd_refuse_devices(const char *name, const char *name_a, cd_device a, const char *name_b,
                       cd_device b)
{
    return cd_fail(CD_ERR_DEVICE,
                   "%s: %s is on %s, and %s on %s: bring one to the other's device (cd_to_device) "
                   "first",
                   name, name_a, cd_device_name(a), name_b, cd_device_name(b));
}

static bool is_changed(const cd_call *call, int k)
{
    if (call->in_place && k == 0) return true;
    for (int j = 0; call->op->changes && j < call->outputs; j++) {
        const cd_output *output = &call->op->output[j];
        if (output->kind == CD_CHANGED && output->of == k) return true;
    }
    return false;
}

/* Whether input k may be on another device than the call's, to which it is copied: a 0-d tensor on
 * the processor, as in PyTorch, and every input of an op that `moves`. */
static bool may_be_copied(const cd_call *call, int k)
{
    const cd_tensor *t = call->in[k].tensor;
    if (is_changed(call, k)) return false;
    return call->op->moves || (t->shape.ndim == 0 && cd_tensor_device(t) == CD_CPU);
}

/* The first input that may not be copied, whose device is the call's; -1 when there is none. */
static int deciding_input(const cd_call *call)
{
    for (int k = 0; k < call->inputs; k++) {
        if (cd_operand_as_tensor(call->in[k]) && !may_be_copied(call, k)) return k;
    }
    return -1;
}

static bool choose_device(cd_call *call)
{
    char text[NAME_BYTES], own[NAME_BYTES];
    const int first = deciding_input(call);
    if (call->device == CD_DEVICE_DEFAULT) {
        call->device = first >= 0 ? cd_tensor_device(call->in[first].tensor) : CD_CPU;
    }
    for (int k = 0; k < call->inputs; k++) {
        const cd_tensor *t = cd_operand_as_tensor(call->in[k]);
        if (!t || cd_tensor_device(t) == call->device) continue;
        call->mixed = true;
        if (may_be_copied(call, k)) continue;
        return cd_refuse_devices(call->name, first >= 0 ? name_of(call, first, own) : "the result",
                                 call->device, name_of(call, k, text), cd_tensor_device(t));
    }
    return true;
}

/* For views, and for any op on the meta device. */
static const cd_kernel no_kernel;

static bool choose_kernel(cd_call *call)
{
    const cd_op *op = call->op;
    call->kernel = &no_kernel;
    if (!op->cpu.run && !op->elementwise) return true;
    if (call->device == CD_META) {
        return !op->cpu.measure ||
               cd_refuse(call, CD_ERR_UNSUPPORTED,
                         "the size of what comes out depends on elements, and tensors on the meta "
                         "device have none");
    }
    call->kernel = cd_device_driver_of(call->device)->kernel(op);
    return call->kernel || cd_refuse(call, CD_ERR_UNSUPPORTED,
                                     "%s has no kernel for it: bring the inputs to the processor "
                                     "first (cd_to_device(x, CD_CPU))",
                                     cd_device_name(call->device));
}

bool cd_call_resolve_device(cd_call *call)
{
    if (!choose_device(call)) return false;
    if (call->device != CD_CPU) return choose_kernel(call);
    call->kernel = cd_kernel_of_cpu(call->op);
    return true;
}

/* --- what is changed -------------------------------------------------------------------------- */

/* Whether input 0 may be changed in place. */
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

/* Whether the inputs that the op changes beside output 0 may be changed: running statistics. */
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

bool cd_call_check_changes(const cd_call *call, unsigned modes)
{
    return (!call->in_place || check_changeable(call, modes)) &&
           (!call->op->changes || check_state(call));
}
