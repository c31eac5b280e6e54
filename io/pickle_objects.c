/* REDUCE, NEWOBJ and BUILD: the three opcodes with which a general pickle runs code. Here each
 * knows a handful of cases and refuses the rest. */
#include "io/pickle_internal.h"

/* PyTorch's own limit. A bound matters: one long tuple could be gone through for each of many
 * tensors. */
enum { RANK_MAX = 64 };

static cd_node_id argument(const cd_pickle *pickle, cd_node_id tuple, uint32_t i)
{
    return cd_pickle_item(pickle, cd_pickle_node(pickle, tuple), i);
}

static cd_node_kind kind_of(const cd_pickle *pickle, cd_node_id id)
{
    return (cd_node_kind)cd_pickle_node(pickle, id)->kind;
}

static bool is_global(const cd_pickle *pickle, cd_node_id id, cd_global_kind kind)
{
    const cd_node *node = cd_pickle_node(pickle, id);
    return node->kind == CD_NODE_GLOBAL && cd_pickle_global_kind(node->as.index) == kind;
}

static bool wrong_arguments(const cd_pickle *pickle, const char *what)
{
    return cd_pickle_fail(pickle, CD_ERR_FORMAT, "%s has arguments of the wrong number or type",
                          what);
}

/* --- tensors ---------------------------------------------------------------------------------- */

static bool is_tuple_of_unsigned(const cd_pickle *pickle, cd_node_id id)
{
    const cd_node *tuple = cd_pickle_node(pickle, id);
    if (tuple->kind != CD_NODE_TUPLE || tuple->count > RANK_MAX) return false;
    for (uint32_t i = 0; i < tuple->count; i++) {
        int64_t value;
        if (!cd_pickle_unsigned(pickle, cd_pickle_item(pickle, tuple, i), &value)) return false;
    }
    return true;
}

/* storage, offset, size, stride are the first four items of `args`. */
static bool make_tensor(cd_pickle *pickle, cd_node_id args, cd_file_dtype dtype, cd_node *out)
{
    cd_pickle_tensor tensor = { .at = pickle->op_at,
                                .size = argument(pickle, args, 2),
                                .stride = argument(pickle, args, 3) };
    const cd_node *storage = cd_pickle_node(pickle, argument(pickle, args, 0));
    if (storage->kind != CD_NODE_STORAGE ||
        !cd_pickle_unsigned(pickle, argument(pickle, args, 1), &tensor.offset) ||
        !is_tuple_of_unsigned(pickle, tensor.size) ||
        !is_tuple_of_unsigned(pickle, tensor.stride)) {
        return wrong_arguments(pickle, "the storage, offset, size or stride of a tensor");
    }
    tensor.storage = storage->as.index;
    tensor.dtype = dtype != CD_FILE_NONE ? dtype : (cd_file_dtype)storage->dtype;
    if (tensor.dtype == CD_FILE_NONE) {
        return cd_pickle_fail(pickle, CD_ERR_FORMAT,
                              "a tensor over an untyped storage has no dtype");
    }
    if (!cd_budget_grow(pickle->budget, &pickle->tensors, &pickle->tensor_room,
                        pickle->tensor_count + 1, sizeof *pickle->tensors)) {
        return false;
    }
    *out = (cd_node){ .kind = CD_NODE_TENSOR };
    out->as.index = (uint32_t)pickle->tensor_count;
    pickle->tensors[pickle->tensor_count++] = tensor;
    return true;
}

static bool rebuild_tensor(cd_pickle *pickle, cd_node_id args, uint32_t least, uint32_t most,
                           cd_node_id *out)
{
    cd_node node;
    if (!cd_pickle_is_tuple(pickle, args, least, most)) return wrong_arguments(pickle, "a tensor");
    return make_tensor(pickle, args, CD_FILE_NONE, &node) && cd_pickle_new(pickle, node, out);
}

/* As v2 with a dtype at the end, before the optional metadata. */
static bool rebuild_tensor_v3(cd_pickle *pickle, cd_node_id args, cd_node_id *out)
{
    cd_node node;
    if (!cd_pickle_is_tuple(pickle, args, 7, 8) ||
        !is_global(pickle, argument(pickle, args, 6), CD_GLOBAL_DTYPE)) {
        return wrong_arguments(pickle, "_rebuild_tensor_v3");
    }
    uint32_t dtype = cd_pickle_node(pickle, argument(pickle, args, 6))->as.index;
    return make_tensor(pickle, args, cd_pickle_global_dtype(dtype), &node) &&
           cd_pickle_new(pickle, node, out);
}

/* A Parameter is its tensor: requires_grad and hooks are not taken over. */
static bool rebuild_parameter(cd_pickle *pickle, cd_node_id args, uint32_t count, cd_node_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, count, count) ||
        kind_of(pickle, argument(pickle, args, 0)) != CD_NODE_TENSOR) {
        return wrong_arguments(pickle, "a Parameter");
    }
    *out = argument(pickle, args, 0);
    return true;
}

/* --- other objects ---------------------------------------------------------------------------- */

/* OrderedDict() or, from Python 2, OrderedDict([[key, value], ...]), pairs as lists or tuples. */
static bool make_ordered_dict(cd_pickle *pickle, cd_node_id args, cd_node_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 0, 1)) return wrong_arguments(pickle, "OrderedDict");
    if (!cd_pickle_new(pickle, (cd_node){ .kind = CD_NODE_DICT }, out)) return false;
    if (cd_pickle_node(pickle, args)->count == 0) return true;
    const cd_node *list = cd_pickle_node(pickle, argument(pickle, args, 0));
    if (list->kind != CD_NODE_LIST) return wrong_arguments(pickle, "OrderedDict");
    uint32_t count = list->count, cell = list->as.chain.first;
    for (uint32_t i = 0; i < count; i++, cell = pickle->cells[cell].next) {
        const cd_node *pair = cd_pickle_node(pickle, pickle->cells[cell].value);
        if ((pair->kind != CD_NODE_TUPLE && pair->kind != CD_NODE_LIST) || pair->count != 2) {
            return wrong_arguments(pickle, "OrderedDict");
        }
        uint32_t first = pair->as.chain.first;
        uint32_t second = pair->kind == CD_NODE_TUPLE ? first + 1 : pickle->cells[first].next;
        cd_node_id key = pickle->cells[first].value, value = pickle->cells[second].value;
        if (!cd_pickle_append(pickle, *out, key) || !cd_pickle_append(pickle, *out, value)) {
            return false;
        }
    }
    return true;
}

static bool make_size(cd_pickle *pickle, cd_node_id args, cd_node_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 1, 1) ||
        !is_tuple_of_unsigned(pickle, argument(pickle, args, 0))) {
        return wrong_arguments(pickle, "torch.Size");
    }
    *out = argument(pickle, args, 0);
    return true;
}

/* --- the opcodes ------------------------------------------------------------------------------ */

bool cd_pickle_reduce(cd_pickle *pickle, cd_node_id callable, cd_node_id args, cd_node_id *out)
{
    const cd_node *node = cd_pickle_node(pickle, callable);
    if (node->kind != CD_NODE_GLOBAL || kind_of(pickle, args) != CD_NODE_TUPLE) {
        return cd_pickle_fail(pickle, CD_ERR_FORMAT, "REDUCE of %s with %s",
                              cd_node_kind_name((cd_node_kind)node->kind),
                              cd_node_kind_name(kind_of(pickle, args)));
    }
    switch (cd_pickle_global_kind(node->as.index)) {
    case CD_GLOBAL_ORDERED_DICT:
        return make_ordered_dict(pickle, args, out);
    case CD_GLOBAL_REBUILD_TENSOR:
        return rebuild_tensor(pickle, args, 4, 4, out);
    case CD_GLOBAL_REBUILD_TENSOR_V2:
        return rebuild_tensor(pickle, args, 6, 7, out);
    case CD_GLOBAL_REBUILD_TENSOR_V3:
        return rebuild_tensor_v3(pickle, args, out);
    case CD_GLOBAL_REBUILD_PARAMETER:
        return rebuild_parameter(pickle, args, 3, out);
    case CD_GLOBAL_REBUILD_PARAMETER_WITH_STATE:
        return rebuild_parameter(pickle, args, 4, out);
    case CD_GLOBAL_SIZE:
        return make_size(pickle, args, out);
    case CD_GLOBAL_DEVICE:
        return cd_pickle_new(pickle, (cd_node){ .kind = CD_NODE_OPAQUE }, out);
    case CD_GLOBAL_PARAMETER:
    case CD_GLOBAL_TENSOR_CLASS:
    case CD_GLOBAL_DTYPE:
    case CD_GLOBAL_STORAGE:
        break;
    }
    return cd_pickle_fail(pickle, CD_ERR_UNSUPPORTED, "%s is never called",
                          cd_pickle_global_name(node->as.index));
}

bool cd_pickle_newobj(cd_pickle *pickle, cd_node_id class, cd_node_id args, cd_node_id *out)
{
    bool parameter = is_global(pickle, class, CD_GLOBAL_PARAMETER);
    if (!parameter && !is_global(pickle, class, CD_GLOBAL_TENSOR_CLASS)) {
        return cd_pickle_fail(pickle, CD_ERR_UNSUPPORTED,
                              "NEWOBJ of what is neither Parameter nor a tensor class");
    }
    if (!cd_pickle_is_tuple(pickle, args, 0, 2)) return wrong_arguments(pickle, "NEWOBJ");
    if (cd_pickle_node(pickle, args)->count == 0) {
        cd_node node = { .kind = parameter ? CD_NODE_PARAMETER : CD_NODE_BLANK };
        return cd_pickle_new(pickle, node, out);
    }
    if (!parameter || kind_of(pickle, argument(pickle, args, 0)) != CD_NODE_TENSOR) {
        return wrong_arguments(pickle, "NEWOBJ");
    }
    *out = argument(pickle, args, 0);
    return true;
}

/* State of a tensor that is there already: the two forms that PyTorch writes, with nothing to keep.
 */
static bool build_tensor(const cd_pickle *pickle, cd_node_id state)
{
    if (cd_pickle_is_tuple(pickle, state, 3, 3) || kind_of(pickle, state) == CD_NODE_DICT)
        return true;
    return wrong_arguments(pickle, "BUILD of a tensor");
}

bool cd_pickle_build(cd_pickle *pickle, cd_node_id object, cd_node_id state)
{
    cd_node made;
    switch (kind_of(pickle, object)) {
    case CD_NODE_DICT: /* attributes of an OrderedDict, "_metadata" among them: dropped */
        if (kind_of(pickle, state) == CD_NODE_DICT) return true;
        return wrong_arguments(pickle, "BUILD of an OrderedDict");
    case CD_NODE_TENSOR:
        return build_tensor(pickle, state);
    case CD_NODE_PARAMETER: /* tensor, ?, hooks, requires_grad, volatile */
        if (!cd_pickle_is_tuple(pickle, state, 5, 5) ||
            kind_of(pickle, argument(pickle, state, 0)) != CD_NODE_TENSOR) {
            return wrong_arguments(pickle, "BUILD of a Parameter");
        }
        made = *cd_pickle_node(pickle, argument(pickle, state, 0));
        pickle->nodes[object] = made;
        return true;
    case CD_NODE_BLANK:
        if (!cd_pickle_is_tuple(pickle, state, 4, 4)) return wrong_arguments(pickle, "BUILD");
        if (!make_tensor(pickle, state, CD_FILE_NONE, &made)) return false;
        pickle->nodes[object] = made;
        return true;
    default:
        break;
    }
    return cd_pickle_fail(pickle, CD_ERR_FORMAT, "BUILD of %s",
                          cd_node_kind_name(kind_of(pickle, object)));
}
