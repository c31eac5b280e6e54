/* The node that a call leaves behind. All that can fail is done before the kernel runs. */
#include <math.h>
#include <string.h>

#include "autograd/op/call_internal.h"
#include "core/operand_internal.h"
#include "core/scope.h"

/* The set of outputs that get a history. Integers (indices) have none, nor do running statistics
 * and other state that is changed. */
static unsigned outputs_with_history(const cd_call *call)
{
    unsigned set = 0;
    for (int j = 0; j < call->outputs; j++) {
        const cd_tensor *t = call->result[j];
        const cd_output *output = &call->op->output[j];
        if (!t || !cd_is_floating(t->dtype) || output->hidden) continue;
        if (output->kind != CD_CHANGED || (call->in_place && j == 0)) set |= CD_SET(j);
    }
    return set;
}

/* --- saved values ----------------------------------------------------------------------------- */

/* What is changed in place is saved as it was before: a clone, so that gradients of gradients go on
 * to where it came from. The scope's ownership of it becomes the call's. */
static cd_tensor *as_it_was(cd_call *call)
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
    if (!t) return true; /* a number, or left out */
    if (call->in_place && k == 0) {
        t = as_it_was(call);
        if (!t) return false;
    }
    cd_saved_hold(slot, t, cd_storage_version(t->storage),
                  call->in_place && t->storage == call->result[0]->storage);
    return true;
}

/* The version of what is changed in place is about to go up. */
static void save_output(cd_call *call, int j, cd_saved *slot)
{
    const cd_tensor *t = call->result[j];
    uint32_t version = cd_storage_version(t->storage) + (call->in_place && j == 0);
    cd_saved_hold_output(slot, t, version, j);
}

/* `wanted` is the set of inputs whose gradients somebody wants. */
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

/* True when its gradient is wanted. */
static bool connect_input(const cd_call *call, cd_node *node, int k)
{
    const cd_operand *o = &call->in[k];
    if (o->kind != CD_OPERAND_TENSOR) {
        node->excused |= call->anomaly && !isfinite(o->number);
        node->number[k] = (cd_number){ o->kind, o->integer, o->number };
        return false;
    }
    return o->tensor && cd_node_connect(node, k, o->tensor);
}

/* What the node says of its outputs, and room for the histories that they get. */
static bool connect_outputs(cd_call *call, cd_node *node)
{
    for (int j = 0; j < call->outputs; j++) {
        cd_tensor *t = call->result[j];
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
        /* No slot is for an input that a set has no room for. */
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
            cd_history_link(call->result[j], call->node, j, call->slices);
        } else {
            (void)cd_set_history(call->result[j], call->node, j);
        }
    }
    call->slices = NULL;
}
