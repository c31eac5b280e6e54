#include "autograd/node_internal.h"

#include <stdatomic.h>

#include "autograd/function_internal.h"
#include "autograd/op_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"

static void free_saved(cd_node *node)
{
    for (int i = 0; i < node->saved; i++) {
        cd_object_unref((cd_object *)node->save[i].value);
        node->save[i].value = NULL;
    }
    if (node->saved > 0) node->freed = true;
    node->saved = 0;
}

static void destroy(cd_object *object)
{
    cd_node *node = (cd_node *)object;
    if (cd_hook_any(&node->hooks)) cd_hook_clear(&node->hooks);
    free_saved(node);
    for (int i = 0; i < node->edges; i++) cd_object_unref(node->edge[i].target);
    if (node->edge != node->near_edges) cd_free(node->edge);
    if (node->custom) cd_context_free(node->context);
}

const cd_class cd_node_class = { .kind = CD_KIND_NODE, .name = "graph node", .destroy = destroy };

cd_node *cd_node_new(const cd_op *op, int edges)
{
    static atomic_uint_least64_t created;
    cd_node *node = cd_object_new(&cd_node_class, sizeof *node);
    if (!node) return NULL;
    node->op = op;
    node->edge = node->near_edges;
    node->sequence = atomic_fetch_add_explicit(&created, 1, memory_order_relaxed);
    if (edges > CD_NODE_EDGES) {
        node->edge = cd_alloc_zeroed((size_t)edges, sizeof *node->edge);
        if (!node->edge) {
            cd_object_disown(&node->object);
            return NULL;
        }
    }
    node->edges = edges;
    return node;
}

void cd_node_free_saved(cd_node *node)
{
    if (node->keeps) return;
    free_saved(node);
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

cd_tensor *cd_saved_copy(const cd_tensor *t, cd_node *history, int index)
{
    cd_tensor *copy = cd_tensor_view(t, t->shape, t->stride, t->offset);
    if (!copy) return NULL;
    if (history && !cd_set_history(copy, history, index)) {
        cd_object_disown(&copy->object);
        return NULL;
    }
    return copy;
}

bool cd_fail_freed(const cd_node *node)
{
    return cd_fail(CD_ERR_AUTOGRAD,
                   "backward: %s was gone through a second time, but the values it had saved were "
                   "freed after the first: pass .retain_graph = true to the earlier backward, or "
                   "cd_detach what is carried over from an earlier pass",
                   node->op->grad_fn);
}

bool cd_fail_overwritten(const cd_node *node, cd_output_info value, uint32_t version,
                         uint32_t saved)
{
    char text[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_AUTOGRAD,
                   "backward: a value that %s needs (%s, %s) was changed by an in-place operation: "
                   "it is at version %u, and %u was saved; change a copy (cd_clone) instead",
                   node->op->grad_fn, cd_dtype_name(value.dtype), cd_shape_text(value.shape, text),
                   version, saved);
}

cd_tensor *cd_saved_value(cd_node *node, int k)
{
    if (node->freed) {
        (void)cd_fail_freed(node);
        return NULL;
    }
    const cd_saved *saved = &node->save[k];
    cd_tensor *value = saved->value;
    uint32_t version = cd_storage_version(value->storage);
    if (version != saved->version) {
        cd_output_info info = { value->dtype, value->shape };
        (void)cd_fail_overwritten(node, info, version, saved->version);
        return NULL;
    }
    if (!saved->is_output) return cd_hand_shared(value);
    bool floating = cd_dtype_is_floating(value->dtype); /* integers (indices) have no history */
    return cd_hand(cd_saved_copy(value, floating ? node : NULL, saved->index));
}
