/* REDUCE, NEWOBJ and BUILD: the three opcodes with which a general pickle runs code. Here each
 * knows a handful of cases and refuses the rest. */
#include "io/pickle_internal.h"

/* PyTorch's own limit. A bound matters: one long tuple could be gone through for each of many
 * tensors. */
enum { RANK_MAX = 64 };

static cd_pickle_id argument(const cd_pickle *pickle, cd_pickle_id tuple, uint32_t i)
{
    return cd_pickle_item(pickle, cd_pickle_value_of(pickle, tuple), i);
}

static cd_node_kind kind_of(const cd_pickle *pickle, cd_pickle_id id)
{
    return (cd_node_kind)cd_pickle_value_of(pickle, id)->kind;
}

static bool is_global(const cd_pickle *pickle, cd_pickle_id id, cd_global_kind kind)
{
    const cd_pickle_value *node = cd_pickle_value_of(pickle, id);
    return node->kind == CD_PICKLE_GLOBAL && cd_pickle_global_kind(node->as.index) == kind;
}

static bool wrong_arguments(const cd_pickle *pickle, const char *what)
{
    return cd_pickle_fail(pickle, CD_ERR_FORMAT, "%s has arguments of the wrong number or type",
                          what);
}

/* --- tensors ---------------------------------------------------------------------------------- */

static bool is_tuple_of_unsigned(const cd_pickle *pickle, cd_pickle_id id)
{
    const cd_pickle_value *tuple = cd_pickle_value_of(pickle, id);
    if (tuple->kind != CD_PICKLE_TUPLE || tuple->count > RANK_MAX) return false;
    for (uint32_t i = 0; i < tuple->count; i++) {
        int64_t value;
        if (!cd_pickle_unsigned(pickle, cd_pickle_item(pickle, tuple, i), &value)) return false;
    }
    return true;
}

static bool add_tensor(cd_pickle *pickle, cd_pickle_tensor tensor, cd_pickle_value *out)
{
    if (!cd_budget_grow(pickle->budget, &pickle->tensors, &pickle->tensor_room,
                        pickle->tensor_count + 1, sizeof *pickle->tensors)) {
        return false;
    }
    *out = (cd_pickle_value){ .kind = CD_PICKLE_TENSOR };
    out->as.index = (uint32_t)pickle->tensor_count;
    pickle->tensors[pickle->tensor_count++] = tensor;
    return true;
}

/* storage, offset, size, stride are the first four items of `args`; `as` has the dtype, unless it
 * is the storage's, and the refusal, if there is one. */
static bool make_tensor(cd_pickle *pickle, cd_pickle_id args, cd_pickle_tensor as,
                        cd_pickle_value *out)
{
    cd_pickle_tensor tensor = { .at = pickle->op_at,
                                .refusal = as.refusal,
                                .size = argument(pickle, args, 2),
                                .stride = argument(pickle, args, 3) };
    const cd_pickle_value *storage = cd_pickle_value_of(pickle, argument(pickle, args, 0));
    if (storage->kind != CD_PICKLE_STORAGE ||
        !cd_pickle_unsigned(pickle, argument(pickle, args, 1), &tensor.offset) ||
        !is_tuple_of_unsigned(pickle, tensor.size) ||
        !is_tuple_of_unsigned(pickle, tensor.stride)) {
        return wrong_arguments(pickle, "the storage, offset, size or stride of a tensor");
    }
    tensor.storage = storage->as.index;
    tensor.dtype = as.dtype != CD_FILE_NONE ? as.dtype : (cd_file_dtype)storage->dtype;
    if (tensor.dtype == CD_FILE_NONE && !tensor.refusal) {
        return cd_pickle_fail(pickle, CD_ERR_FORMAT,
                              "a tensor over an untyped storage has no dtype");
    }
    return add_tensor(pickle, tensor, out);
}

/* Hooks are functions, which are never saved: None, or a dict without any. */
static bool are_no_hooks(const cd_pickle *pickle, cd_pickle_id id)
{
    const cd_pickle_value *node = cd_pickle_value_of(pickle, id);
    return node->kind == CD_PICKLE_NONE || (node->kind == CD_PICKLE_DICT && node->count == 0);
}

static bool is_gradient_flag(const cd_pickle *pickle, cd_pickle_id id)
{
    return kind_of(pickle, id) == CD_PICKLE_BOOL;
}

/* {"conj": bool, "neg": bool} of a lazily conjugated or negated view: its values are not those in
 * the storage. A longer dict is not gone through, which many tensors could ask for. */
static bool read_metadata(const cd_pickle *pickle, cd_pickle_id id, cd_pickle_tensor *as)
{
    const cd_pickle_value *node = cd_pickle_value_of(pickle, id);
    if (node->kind == CD_PICKLE_NONE) return true;
    if (node->kind != CD_PICKLE_DICT) return wrong_arguments(pickle, "the metadata of a tensor");
    static const char strange[] = "its metadata say something that is not understood";
    if (node->count > 4) as->refusal = strange;
    uint32_t cell = node->as.chain.first;
    for (uint32_t left = node->count; left >= 2 && !as->refusal; left -= 2) {
        cd_pickle_id key = pickle->cells[cell].value;
        cell = pickle->cells[cell].next;
        const cd_pickle_value *value = cd_pickle_value_of(pickle, pickle->cells[cell].value);
        cell = pickle->cells[cell].next;
        bool neg = cd_pickle_text_is(pickle, key, "neg");
        if (value->kind != CD_PICKLE_BOOL || (!neg && !cd_pickle_text_is(pickle, key, "conj"))) {
            as->refusal = strange;
        } else if (value->as.integer && neg) {
            as->refusal = "it has PyTorch's negative bit (a view such as z.conj().imag): save it "
                          "as t.resolve_neg()";
        } else if (value->as.integer) {
            as->refusal = "it has PyTorch's conjugate bit: save it as t.resolve_conj()";
        }
    }
    return true;
}

/* storage, offset, size, stride */
static bool rebuild_tensor(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    cd_pickle_value node;
    if (!cd_pickle_is_tuple(pickle, args, 4, 4)) return wrong_arguments(pickle, "_rebuild_tensor");
    return make_tensor(pickle, args, (cd_pickle_tensor){ .at = 0 }, &node) &&
           cd_pickle_new(pickle, node, out);
}

/* storage, offset, size, stride, requires_grad, hooks, then in v3 the dtype, then in newer files
 * the metadata */
static bool rebuild_tensor_v2_v3(cd_pickle *pickle, cd_pickle_id args, bool v3, cd_pickle_id *out)
{
    const char *name = v3 ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2";
    uint32_t least = v3 ? 7 : 6;
    cd_pickle_tensor as = { .at = 0 };
    cd_pickle_value node;
    if (!cd_pickle_is_tuple(pickle, args, least, least + 1) ||
        !is_gradient_flag(pickle, argument(pickle, args, 4)) ||
        !are_no_hooks(pickle, argument(pickle, args, 5)) ||
        (v3 && !is_global(pickle, argument(pickle, args, 6), CD_GLOBAL_DTYPE))) {
        return wrong_arguments(pickle, name);
    }
    if (v3) {
        uint32_t dtype = cd_pickle_value_of(pickle, argument(pickle, args, 6))->as.index;
        as.dtype = cd_pickle_global_dtype(dtype);
        as.refusal = cd_pickle_global_refusal(dtype);
    }
    if (cd_pickle_value_of(pickle, args)->count > least &&
        !read_metadata(pickle, argument(pickle, args, least), &as)) {
        return false;
    }
    return make_tensor(pickle, args, as, &node) && cd_pickle_new(pickle, node, out);
}

/* A tensor that cannot be read, however it is made. */
static bool rebuild_special(cd_pickle *pickle, uint32_t global, cd_pickle_id *out)
{
    cd_pickle_value node;
    cd_pickle_tensor tensor = { .at = pickle->op_at, .refusal = cd_pickle_global_refusal(global) };
    return add_tensor(pickle, tensor, &node) && cd_pickle_new(pickle, node, out);
}

/* Attributes that were set on a tensor in Python, which say nothing of its values: a dict, or that
 * and one of slots. */
static bool are_attributes(const cd_pickle *pickle, cd_pickle_id id)
{
    if (cd_pickle_is_tuple(pickle, id, 2, 2)) {
        cd_node_kind first = kind_of(pickle, argument(pickle, id, 0));
        cd_node_kind second = kind_of(pickle, argument(pickle, id, 1));
        return (first == CD_PICKLE_DICT || first == CD_PICKLE_NONE) &&
               (second == CD_PICKLE_DICT || second == CD_PICKLE_NONE);
    }
    return kind_of(pickle, id) == CD_PICKLE_DICT || kind_of(pickle, id) == CD_PICKLE_NONE;
}

/* tensor, requires_grad, hooks, and perhaps attributes. A Parameter is its tensor. */
static bool rebuild_parameter(cd_pickle *pickle, cd_pickle_id args, bool with_state,
                              cd_pickle_id *out)
{
    uint32_t count = with_state ? 4 : 3;
    if (!cd_pickle_is_tuple(pickle, args, count, count) ||
        kind_of(pickle, argument(pickle, args, 0)) != CD_PICKLE_TENSOR ||
        !is_gradient_flag(pickle, argument(pickle, args, 1)) ||
        !are_no_hooks(pickle, argument(pickle, args, 2)) ||
        (with_state && !are_attributes(pickle, argument(pickle, args, 3)))) {
        return wrong_arguments(pickle, "a Parameter");
    }
    *out = argument(pickle, args, 0);
    return true;
}

static bool rebuild(cd_pickle *pickle, uint32_t global, cd_pickle_id args, cd_pickle_id *out);

/* function, class, its arguments, attributes: what the function makes. */
static bool rebuild_from_type(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 4, 4)) {
        return wrong_arguments(pickle, "_rebuild_from_type_v2");
    }
    cd_pickle_id function = argument(pickle, args, 0), class = argument(pickle, args, 1);
    cd_pickle_id inner = argument(pickle, args, 2);
    if (kind_of(pickle, function) != CD_PICKLE_GLOBAL ||
        is_global(pickle, function, CD_GLOBAL_REBUILD_FROM_TYPE) ||
        (!is_global(pickle, class, CD_GLOBAL_TENSOR_CLASS) &&
         !is_global(pickle, class, CD_GLOBAL_PARAMETER)) ||
        kind_of(pickle, inner) != CD_PICKLE_TUPLE ||
        !are_attributes(pickle, argument(pickle, args, 3))) {
        return wrong_arguments(pickle, "_rebuild_from_type_v2");
    }
    uint32_t global = cd_pickle_value_of(pickle, function)->as.index;
    if (!rebuild(pickle, global, inner, out)) return false;
    return kind_of(pickle, *out) == CD_PICKLE_TENSOR ||
           wrong_arguments(pickle, "_rebuild_from_type_v2");
}

/* --- other objects ---------------------------------------------------------------------------- */

/* OrderedDict() or, from Python 2, OrderedDict([[key, value], ...]), pairs as lists or tuples. */
static bool make_ordered_dict(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 0, 1)) return wrong_arguments(pickle, "OrderedDict");
    if (!cd_pickle_new(pickle, (cd_pickle_value){ .kind = CD_PICKLE_DICT }, out)) return false;
    if (cd_pickle_value_of(pickle, args)->count == 0) return true;
    const cd_pickle_value *list = cd_pickle_value_of(pickle, argument(pickle, args, 0));
    if (list->kind != CD_PICKLE_LIST) return wrong_arguments(pickle, "OrderedDict");
    uint32_t count = list->count, cell = list->as.chain.first;
    for (uint32_t i = 0; i < count; i++, cell = pickle->cells[cell].next) {
        const cd_pickle_value *pair = cd_pickle_value_of(pickle, pickle->cells[cell].value);
        if ((pair->kind != CD_PICKLE_TUPLE && pair->kind != CD_PICKLE_LIST) || pair->count != 2) {
            return wrong_arguments(pickle, "OrderedDict");
        }
        uint32_t first = pair->as.chain.first;
        uint32_t second = pair->kind == CD_PICKLE_TUPLE ? first + 1 : pickle->cells[first].next;
        cd_pickle_id key = pickle->cells[first].value, value = pickle->cells[second].value;
        if (!cd_pickle_append(pickle, *out, key) || !cd_pickle_append(pickle, *out, value)) {
            return false;
        }
    }
    return true;
}

static bool make_size(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 1, 1) ||
        !is_tuple_of_unsigned(pickle, argument(pickle, args, 0))) {
        return wrong_arguments(pickle, "torch.Size");
    }
    *out = argument(pickle, args, 0);
    return true;
}

/* --- the opcodes ------------------------------------------------------------------------------ */

static bool rebuild(cd_pickle *pickle, uint32_t global, cd_pickle_id args, cd_pickle_id *out)
{
    switch (cd_pickle_global_kind(global)) {
    case CD_GLOBAL_ORDERED_DICT:
        return make_ordered_dict(pickle, args, out);
    case CD_GLOBAL_REBUILD_TENSOR:
        return rebuild_tensor(pickle, args, out);
    case CD_GLOBAL_REBUILD_TENSOR_V2:
        return rebuild_tensor_v2_v3(pickle, args, false, out);
    case CD_GLOBAL_REBUILD_TENSOR_V3:
        return rebuild_tensor_v2_v3(pickle, args, true, out);
    case CD_GLOBAL_REBUILD_PARAMETER:
        return rebuild_parameter(pickle, args, false, out);
    case CD_GLOBAL_REBUILD_PARAMETER_WITH_STATE:
        return rebuild_parameter(pickle, args, true, out);
    case CD_GLOBAL_REBUILD_FROM_TYPE:
        return rebuild_from_type(pickle, args, out);
    case CD_GLOBAL_REBUILD_SPECIAL:
        return rebuild_special(pickle, global, out);
    case CD_GLOBAL_SIZE:
        return make_size(pickle, args, out);
    case CD_GLOBAL_DROPPED:
        return cd_pickle_new(pickle, (cd_pickle_value){ .kind = CD_PICKLE_OPAQUE }, out);
    case CD_GLOBAL_PARAMETER:
    case CD_GLOBAL_TENSOR_CLASS:
    case CD_GLOBAL_CONSTANT:
    case CD_GLOBAL_DTYPE:
    case CD_GLOBAL_STORAGE:
        break;
    }
    return cd_pickle_fail(pickle, CD_ERR_UNSUPPORTED, "%s is never called",
                          cd_pickle_global_name(global));
}

bool cd_pickle_reduce(cd_pickle *pickle, cd_pickle_id callable, cd_pickle_id args,
                      cd_pickle_id *out)
{
    const cd_pickle_value *node = cd_pickle_value_of(pickle, callable);
    if (node->kind == CD_PICKLE_GLOBAL && kind_of(pickle, args) == CD_PICKLE_TUPLE) {
        return rebuild(pickle, node->as.index, args, out);
    }
    return cd_pickle_fail(pickle, CD_ERR_FORMAT, "REDUCE of %s with %s",
                          cd_node_kind_name((cd_node_kind)node->kind),
                          cd_node_kind_name(kind_of(pickle, args)));
}

/* Parameter() or Parameter(tensor[, requires_grad]); a tensor class without arguments. */
bool cd_pickle_newobj(cd_pickle *pickle, cd_pickle_id class, cd_pickle_id args, cd_pickle_id *out)
{
    bool parameter = is_global(pickle, class, CD_GLOBAL_PARAMETER);
    if (!parameter && !is_global(pickle, class, CD_GLOBAL_TENSOR_CLASS)) {
        return cd_pickle_fail(pickle, CD_ERR_UNSUPPORTED,
                              "NEWOBJ of what is neither Parameter nor a tensor class");
    }
    if (!cd_pickle_is_tuple(pickle, args, 0, 2)) return wrong_arguments(pickle, "NEWOBJ");
    if (cd_pickle_value_of(pickle, args)->count == 0) {
        cd_pickle_value node = { .kind = parameter ? CD_PICKLE_PARAMETER : CD_PICKLE_BLANK };
        return cd_pickle_new(pickle, node, out);
    }
    if (!parameter || kind_of(pickle, argument(pickle, args, 0)) != CD_PICKLE_TENSOR ||
        (cd_pickle_value_of(pickle, args)->count == 2 &&
         !is_gradient_flag(pickle, argument(pickle, args, 1)))) {
        return wrong_arguments(pickle, "NEWOBJ");
    }
    *out = argument(pickle, args, 0);
    return true;
}

/* State of a tensor that is there already: requires_grad, volatile, hooks. */
static bool build_tensor(const cd_pickle *pickle, cd_pickle_id state)
{
    return (cd_pickle_is_tuple(pickle, state, 3, 3) &&
            is_gradient_flag(pickle, argument(pickle, state, 0)) &&
            is_gradient_flag(pickle, argument(pickle, state, 1)) &&
            are_no_hooks(pickle, argument(pickle, state, 2))) ||
           wrong_arguments(pickle, "BUILD of a tensor");
}

/* Of an empty Parameter: tensor, gradient, hooks, requires_grad, volatile. */
static bool is_parameter_state(const cd_pickle *pickle, cd_pickle_id state)
{
    return cd_pickle_is_tuple(pickle, state, 5, 5) &&
           kind_of(pickle, argument(pickle, state, 0)) == CD_PICKLE_TENSOR &&
           are_no_hooks(pickle, argument(pickle, state, 2)) &&
           is_gradient_flag(pickle, argument(pickle, state, 3)) &&
           is_gradient_flag(pickle, argument(pickle, state, 4));
}

bool cd_pickle_build(cd_pickle *pickle, cd_pickle_id object, cd_pickle_id state)
{
    cd_pickle_value made;
    switch (kind_of(pickle, object)) {
    case CD_PICKLE_DICT: /* attributes of an OrderedDict, "_metadata" among them: dropped */
        if (kind_of(pickle, state) == CD_PICKLE_DICT) return true;
        return wrong_arguments(pickle, "BUILD of an OrderedDict");
    case CD_PICKLE_TENSOR:
        return build_tensor(pickle, state);
    case CD_PICKLE_PARAMETER:
        if (!is_parameter_state(pickle, state)) {
            return wrong_arguments(pickle, "BUILD of a Parameter");
        }
        made = *cd_pickle_value_of(pickle, argument(pickle, state, 0));
        pickle->nodes[object] = made;
        return true;
    case CD_PICKLE_BLANK:
        if (!cd_pickle_is_tuple(pickle, state, 4, 4)) return wrong_arguments(pickle, "BUILD");
        if (!make_tensor(pickle, state, (cd_pickle_tensor){ .at = 0 }, &made)) return false;
        pickle->nodes[object] = made;
        return true;
    default:
        break;
    }
    return cd_pickle_fail(pickle, CD_ERR_FORMAT, "BUILD of %s",
                          cd_node_kind_name(kind_of(pickle, object)));
}
