/* Nodes of the graph: how one is made and freed, and how it saves values for backward. */
#include "autograd/node_internal.h"

#include <stdatomic.h>

#include "autograd/function_internal.h"
#include "autograd/dispatch/descriptor_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"

static void free_saved(cd_node *node)
{
    for (int i = 0; i < node->saved; i++) {
        cd_saved *slot = &node->save[i];
        if (!slot->leaf && !slot->storage) continue;
        if (slot->leaf) cd_object_unref(&slot->leaf->object);
        if (slot->storage) cd_storage_unref(slot->storage);
        if (slot->history) cd_object_unref(&slot->history->object);
        slot->leaf = NULL;
        slot->storage = NULL;
        slot->history = NULL;
        node->freed = true;
    }
}

static void destroy(cd_object *object)
{
    cd_node *node = (cd_node *)object;
    if (cd_hook_any(&node->hooks)) cd_hook_clear(&node->hooks);
    free_saved(node);
    for (int i = 0; i < node->edges; i++) cd_object_unref(node->edge[i].target);
    if (node->custom) cd_context_free(node->context);
}

const cd_class cd_node_class = { .kind = CD_KIND_NODE, .name = "graph node", .destroy = destroy };

cd_node *cd_node_new(const cd_op *op, int inputs, int outputs)
{
    static atomic_uint_least64_t created;
    int saved = 0;
    while (saved < CD_OP_SAVES && op->save[saved].kind != CD_NOTHING) saved++;
    const size_t edge_bytes = (size_t)inputs * sizeof(cd_edge);
    const size_t input_bytes = (size_t)inputs * sizeof(cd_value_info);
    const size_t output_bytes = (size_t)outputs * sizeof(cd_value_info);
    const size_t save_bytes = (size_t)saved * sizeof(cd_saved);
    const size_t number_bytes = op->numbers ? (size_t)inputs * sizeof(cd_number) : 0;
    cd_node *node =
        cd_object_new(&cd_node_class, sizeof *node + edge_bytes + input_bytes + output_bytes +
                                          save_bytes + number_bytes + op->attribute_bytes);
    if (!node) return NULL;
    char *next = (char *)(node + 1);
    node->edge = cd_memory_part(&next, edge_bytes);
    node->input = cd_memory_part(&next, input_bytes);
    node->output = cd_memory_part(&next, output_bytes);
    node->save = cd_memory_part(&next, save_bytes);
    node->number = cd_memory_part(&next, number_bytes);
    node->attributes = next;
    node->op = op;
    node->edges = inputs;
    node->outputs = outputs;
    node->saved = saved;
    node->sequence = atomic_fetch_add_explicit(&created, 1, memory_order_relaxed);
    return node;
}

bool cd_node_connect(cd_node *node, int k, cd_tensor *t)
{
    const cd_edge edge = cd_edge_to(t);
    node->input[k] = (cd_value_info){ t->dtype, t->shape };
    node->edge[k] = edge;
    if (edge.target) cd_object_ref(edge.target);
    return edge.target != NULL;
}

void cd_node_free_saved(cd_node *node)
{
    free_saved(node);
    node->freed |= node->op->once;
    if (!node->custom) return;
    cd_context_free_saved(node->context);
    if (node->context->saved > 0) node->freed = true;
}

bool cd_wanted(const cd_node *node, int k)
{
    return node->edge[k].target != NULL;
}

bool cd_wanted_any(const cd_node *node)
{
    for (int k = 0; k < node->edges; k++) {
        if (cd_wanted(node, k)) return true;
    }
    return false;
}

/* Saves what it takes to make t again, with this history. */
static __attribute__((noinline)) void set(cd_saved *slot, const cd_tensor *t, uint32_t version,
                                          cd_node *history, int index)
{
    cd_storage_ref(t->storage);
    slot->storage = t->storage;
    slot->version = version;
    slot->layout = t->layout;
    slot->history = history;
    slot->index = index;
    if (history) cd_object_ref(&history->object);
}

void cd_saved_set_input(cd_saved *slot, cd_tensor *t, uint32_t version, bool overwritten)
{
    cd_node *history = overwritten ? NULL : cd_grad_fn_of(t);
    if (t->requires_grad && !history && !overwritten) {
        cd_object_ref(&t->object);
        slot->leaf = t;
        slot->version = version;
    } else {
        set(slot, t, version, history, history ? cd_variable_of(t)->output : 0);
    }
}

void cd_saved_set_output(cd_saved *slot, const cd_tensor *t, uint32_t version, int index)
{
    slot->is_output = true;
    set(slot, t, version, NULL, index);
}

const char *cd_node_name(const cd_node *node)
{
    return node->in_place ? node->op->in_place_grad_fn : node->op->grad_fn;
}

bool cd_fail_freed(const cd_node *node)
{
    return cd_fail(CD_ERR_AUTOGRAD,
                   "backward: %s was gone through a second time, but the values it had saved were "
                   "freed after the first: pass .retain_graph = true to the earlier backward, or "
                   "cd_detach what is carried over from an earlier pass",
                   cd_node_name(node));
}

bool cd_fail_overwritten(const cd_node *node, cd_value_info value, uint32_t version, uint32_t saved)
{
    char text[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_AUTOGRAD,
                   "backward: a value that %s needs (%s, %s) was changed by an in-place operation: "
                   "it is at version %u, and %u was saved; change a copy (cd_clone) instead",
                   cd_node_name(node), cd_dtype_name(value.dtype),
                   cd_sizes_text(&value.shape, text), version, saved);
}

/* The node that computed a saved value; NULL for none. An output of integers (indices) has no
 * history, nor has a hidden output. */
static cd_node *history_of(cd_node *node, const cd_saved *slot)
{
    if (!slot->is_output) return slot->history;
    bool hidden = node->op->output[slot->index].hidden;
    return cd_is_floating(slot->layout.dtype) && !hidden ? node : NULL;
}

/* A tensor with the elements and the history of the one that was saved. */
static cd_tensor *make_again(cd_node *node, const cd_saved *slot)
{
    cd_tensor *t = cd_storage_view_layout(slot->storage, &slot->layout);
    if (!t) return NULL;
    cd_node *history = history_of(node, slot);
    if (!history || cd_set_history(t, history, slot->index)) return cd_hand(t);
    cd_object_disown(&t->object);
    return NULL;
}

cd_tensor *cd_saved_value(cd_node *node, int k)
{
    const cd_saved *slot = &node->save[k];
    const cd_storage *storage = slot->leaf ? slot->leaf->storage : slot->storage;
    if (node->freed) {
        (void)cd_fail_freed(node);
        return NULL;
    }
    if (!storage) {
        (void)cd_fail(CD_ERR_STATE, "%s: slot %d has no saved value", cd_node_name(node), k);
        return NULL;
    }
    uint32_t version = cd_storage_version(storage);
    if (version != slot->version) {
        const cd_layout *layout = slot->leaf ? &slot->leaf->layout : &slot->layout;
        cd_value_info info = { layout->dtype, layout->shape };
        (void)cd_fail_overwritten(node, info, version, slot->version);
        return NULL;
    }
    return slot->leaf ? cd_hand_shared(slot->leaf) : make_again(node, slot);
}

cd_operand cd_saved_input(cd_node *node, int k)
{
    const int input = node->op->save[k].index;
    const cd_number *number = &node->number[input];
    if (!(node->op->numbers >> input & 1) || number->kind == CD_OPERAND_TENSOR) {
        return cd_operand_tensor(cd_saved_value(node, k));
    }
    return (cd_operand){ number->kind, NULL, number->integer, number->real };
}
