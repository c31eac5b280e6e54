/* The node that a recorded call leaves behind: cd_call_make_node makes and fills it before the
 * kernel runs, when a call can still fail; cd_call_link makes it the history of the outputs
 * afterwards. */
#include <math.h>
#include <string.h>

#include "autograd/dispatch/call_internal.h"
#include "core/operand_internal.h"
#include "core/scope.h"

/* The set of outputs that get a history. Integers (indices) get none, nor do hidden outputs, nor
 * running statistics and other inputs that are changed beside output 0. */
static unsigned outputs_with_history(const cd_call *call)
{
    unsigned set = 0;
    for (int j = 0; j < call->outputs; j++) {
        const cd_tensor *t = call->output_tensor[j];
        const cd_output *output = &call->op->output[j];
        if (!t || !cd_is_floating(t->dtype) || output->hidden) continue;
        if (output->kind != CD_CHANGED || (call->in_place && j == 0)) set |= CD_SET(j);
    }
    return set;
}

/* --- saved values ----------------------------------------------------------------------------- */

/* A copy of input 0, which is about to be changed in place: a recorded clone, so that gradients of
 * gradients lead on to what computed the input. Its ownership goes from the scope to the call. */
static cd_tensor *copy_before_change(cd_call *call)
{
    cd_tensor *copy = cd_clone(call->in[0].tensor);
    if (!copy) return NULL;
    cd_object_own(&copy->object);
    (void)cd_drop(copy);
    call->temporary[call->temporaries++] = copy;
    return copy;
}

static bool save_input(cd_call *call, int k, cd_saved *slot)
{
    const cd_operand *o = &call->in[k];
    cd_tensor *t = o->kind == CD_OPERAND_TENSOR ? o->tensor : NULL;
    if (!t) return true; /* a number, which the node has anyway, or left out */
    if (call->in_place && k == 0) {
        t = copy_before_change(call);
        if (!t) return false;
    }
    cd_saved_set_input(slot, t, cd_storage_version(t->storage),
                       call->in_place && t->storage == call->output_tensor[0]->storage);
    return true;
}

/* Of an output that is changed in place, saves the version after the change, which is yet to
 * come. */
static void save_output(cd_call *call, int j, cd_saved *slot)
{
    const cd_tensor *t = call->output_tensor[j];
    uint32_t version = cd_storage_version(t->storage) + (call->in_place && j == 0);
    cd_saved_set_output(slot, t, version, j);
}

/* Fills the slots that are needed. `wanted` is the set of inputs whose gradients are wanted. */
static bool save(cd_call *call, cd_node *node, unsigned wanted)
{
    for (int s = 0; s < node->saved; s++) {
        const cd_save_slot *slot = &call->op->save[s];
        if (slot->for_ != 0 && !(slot->for_ & wanted)) continue;
        if (slot->kind == CD_OUTPUT) {
            save_output(call, slot->index, &node->save[s]);
        } else if (!save_input(call, slot->index, &node->save[s])) {
            return false;
        }
    }
    return true;
}

/* --- the node --------------------------------------------------------------------------------- */

/* Sets edge and info of input k, or its number. Whether its gradient is wanted. */
static bool connect_input(const cd_call *call, cd_node *node, int k)
{
    const cd_operand *o = &call->in[k];
    if (o->kind != CD_OPERAND_TENSOR) {
        node->number_not_finite |= call->anomaly && !isfinite(o->number);
        node->number[k] = (cd_number){ o->kind, o->integer, o->number };
        return false;
    }
    return o->tensor && cd_node_connect(node, k, o->tensor);
}

/* Sets the infos of outputs, and allocates what their histories need, so that cd_call_link cannot
 * fail. */
static bool connect_outputs(cd_call *call, cd_node *node)
{
    for (int j = 0; j < call->outputs; j++) {
        cd_tensor *t = call->output_tensor[j];
        if (!t) continue;
        node->output[j] = (cd_value_info){ t->dtype, t->shape };
        if (!(call->histories >> j & 1)) continue;
        const bool done = call->in_place && j == 0 ? cd_history_prepare(t, node, j, &call->slices)
                                                   : cd_variable_need(t) != NULL;
        if (!done) return false;
    }
    return true;
}

static bool fill(cd_call *call, cd_node *node)
{
    unsigned wanted = 0;
    node->device = (unsigned char)call->device;
    for (int k = 0; k < call->inputs; k++) {
        /* A set has room for 32 inputs. A variadic op may have more, and needs no set (for_ is
         * 0). */
        wanted |= (unsigned)connect_input(call, node, k) << (k & 31);
    }
    if (call->op->attribute_bytes > 0) {
        memcpy(node->attributes, call->launch.attributes, call->op->attribute_bytes);
    }
    return save(call, node, wanted) && connect_outputs(call, node);
}

bool cd_call_make_node(cd_call *call)
{
    call->histories = outputs_with_history(call);
    if (call->histories == 0) return true;
    cd_node *node = cd_node_new(call->op, call->inputs, call->outputs);
    if (!node) return false;
    if (fill(call, node)) {
        call->node = node;
        return true;
    }
    cd_object_disown(&node->object);
    return false;
}

void cd_call_link(cd_call *call)
{
    for (int j = 0; j < call->outputs; j++) {
        if (!(call->histories >> j & 1)) continue;
        if (call->in_place && j == 0) {
            cd_history_link(call->output_tensor[j], call->node, j, call->slices);
        } else {
            (void)cd_set_history(call->output_tensor[j], call->node, j);
        }
    }
    call->slices = NULL;
}
