/* Step 5 of cd_load (checkpoint.c): REDUCE, NEWOBJ and BUILD, the three opcodes with which a pickle
 * in Python runs code. Here each of them knows the few cases that state dicts need, and refuses the
 * rest. The argument lists below are those of torch/_utils.py and torch/_tensor.py. */
#include "io/pickle_internal.h"

/* PyTorch's own limit. Without one, a pickle could make many tensors share one long tuple as their
 * size, and checking the tuple for each of them would take quadratic time. */
enum { RANK_MAX = 64 };

static cd_pickle_id argument(const cd_pickle *pickle, cd_pickle_id tuple, uint32_t i)
{
    return cd_pickle_item(pickle, cd_pickle_value_of(pickle, tuple), i);
}

static cd_pickle_kind kind_of(const cd_pickle *pickle, cd_pickle_id id)
{
    return (cd_pickle_kind)cd_pickle_value_of(pickle, id)->kind;
}

static bool is_global(const cd_pickle *pickle, cd_pickle_id id, cd_global_kind kind)
{
    const cd_pickle_value *value = cd_pickle_value_of(pickle, id);
    return value->kind == CD_PICKLE_GLOBAL && cd_pickle_global_kind(value->as.index) == kind;
}

static bool wrong_arguments(const cd_pickle *pickle, const char *call)
{
    return cd_pickle_fail(pickle, CD_ERR_FORMAT, "%s has arguments of the wrong number or type",
                          call);
}

/* --- tensors ---------------------------------------------------------------------------------- */

/* A size or a stride: at most RANK_MAX integers >= 0. */
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

bool cd_pickle_add_tensor(cd_pickle *pickle, cd_pickle_tensor tensor, cd_pickle_value *out)
{
    if (!cd_budget_grow(pickle->budget, &pickle->tensors, &pickle->tensor_capacity,
                        pickle->tensor_count + 1, sizeof *pickle->tensors)) {
        return false;
    }
    *out = (cd_pickle_value){ .kind = CD_PICKLE_TENSOR };
    out->as.index = (uint32_t)pickle->tensor_count;
    pickle->tensors[pickle->tensor_count++] = tensor;
    return true;
}

/* The first four of the arguments `args` are (storage, storage_offset, size, stride). `as` gives
 * the dtype (CD_FILE_NONE: that of the storage) and the refusal, if there is one. */
static bool make_tensor(cd_pickle *pickle, cd_pickle_id args, cd_pickle_tensor as,
                        cd_pickle_value *out)
{
    cd_pickle_tensor tensor = { .opcode_at = pickle->opcode_at,
                                .refusal = as.refusal,
                                .size = argument(pickle, args, 2),
                                .stride = argument(pickle, args, 3) };
    const cd_pickle_value *storage = cd_pickle_value_of(pickle, argument(pickle, args, 0));
    if (storage->kind != CD_PICKLE_STORAGE ||
        !cd_pickle_unsigned(pickle, argument(pickle, args, 1), &tensor.storage_offset) ||
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
    return cd_pickle_add_tensor(pickle, tensor, out);
}

/* Hooks are functions, which are never saved: the argument is None or an empty dict. */
static bool are_no_hooks(const cd_pickle *pickle, cd_pickle_id id)
{
    const cd_pickle_value *value = cd_pickle_value_of(pickle, id);
    return value->kind == CD_PICKLE_NONE || (value->kind == CD_PICKLE_DICT && value->count == 0);
}

/* requires_grad, or the "volatile" of old files. */
static bool is_flag(const cd_pickle *pickle, cd_pickle_id id)
{
    return kind_of(pickle, id) == CD_PICKLE_BOOL;
}

/* The metadata {"conj": bool, "neg": bool}. A true flag marks a view that PyTorch conjugates or
 * negates lazily, so its values are not those in the storage: such a tensor gets a refusal. A dict
 * of more than two items is a refusal by itself and is not read, as many tensors may share it. */
static bool read_metadata(const cd_pickle *pickle, cd_pickle_id id, cd_pickle_tensor *as)
{
    const cd_pickle_value *metadata = cd_pickle_value_of(pickle, id);
    if (metadata->kind == CD_PICKLE_NONE) return true;
    if (metadata->kind != CD_PICKLE_DICT) {
        return wrong_arguments(pickle, "the metadata of a tensor");
    }
    static const char strange[] = "its metadata say something that is not understood";
    if (metadata->count > 4) as->refusal = strange;
    uint32_t cell = metadata->as.cells.first;
    for (uint32_t left = metadata->count; left >= 2 && !as->refusal; left -= 2) {
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

/* _rebuild_tensor(storage, storage_offset, size, stride) */
static bool rebuild_tensor(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    cd_pickle_value value;
    if (!cd_pickle_is_tuple(pickle, args, 4, 4)) return wrong_arguments(pickle, "_rebuild_tensor");
    return make_tensor(pickle, args, (cd_pickle_tensor){ .opcode_at = 0 }, &value) &&
           cd_pickle_new(pickle, value, out);
}

/* _rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, hooks[, metadata]) and
 * _rebuild_tensor_v3, which has the dtype behind the hooks. Newer PyTorch writes the metadata. */
static bool rebuild_tensor_v2_v3(cd_pickle *pickle, cd_pickle_id args, bool v3, cd_pickle_id *out)
{
    const char *name = v3 ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2";
    uint32_t least = v3 ? 7 : 6;
    cd_pickle_tensor as = { .opcode_at = 0 };
    cd_pickle_value value;
    if (!cd_pickle_is_tuple(pickle, args, least, least + 1) ||
        !is_flag(pickle, argument(pickle, args, 4)) ||
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
    return make_tensor(pickle, args, as, &value) && cd_pickle_new(pickle, value, out);
}

/* A tensor that cannot be read; what it was made of is not looked at. */
static bool unreadable(cd_pickle *pickle, const char *refusal, cd_pickle_id *out)
{
    cd_pickle_value value;
    cd_pickle_tensor tensor = { .opcode_at = pickle->opcode_at, .refusal = refusal };
    return cd_pickle_add_tensor(pickle, tensor, &value) && cd_pickle_new(pickle, value, out);
}

/* The attributes that were set on a tensor in Python: a dict (__dict__) or None, or a pair of such
 * for __dict__ and __slots__. They say nothing about the tensor's values and are dropped. */
static bool are_attributes(const cd_pickle *pickle, cd_pickle_id id)
{
    if (cd_pickle_is_tuple(pickle, id, 2, 2)) {
        cd_pickle_kind first = kind_of(pickle, argument(pickle, id, 0));
        cd_pickle_kind second = kind_of(pickle, argument(pickle, id, 1));
        return (first == CD_PICKLE_DICT || first == CD_PICKLE_NONE) &&
               (second == CD_PICKLE_DICT || second == CD_PICKLE_NONE);
    }
    return kind_of(pickle, id) == CD_PICKLE_DICT || kind_of(pickle, id) == CD_PICKLE_NONE;
}

/* _rebuild_parameter(tensor, requires_grad, hooks)
 * _rebuild_parameter_with_state(tensor, requires_grad, hooks, attributes)
 * The Parameter becomes its tensor. */
static bool rebuild_parameter(cd_pickle *pickle, cd_pickle_id args, bool with_state,
                              cd_pickle_id *out)
{
    uint32_t count = with_state ? 4 : 3;
    if (!cd_pickle_is_tuple(pickle, args, count, count) ||
        kind_of(pickle, argument(pickle, args, 0)) != CD_PICKLE_TENSOR ||
        !is_flag(pickle, argument(pickle, args, 1)) ||
        !are_no_hooks(pickle, argument(pickle, args, 2)) ||
        (with_state && !are_attributes(pickle, argument(pickle, args, 3)))) {
        return wrong_arguments(pickle, "a Parameter");
    }
    *out = argument(pickle, args, 0);
    return true;
}

static bool call_global(cd_pickle *pickle, uint32_t global, cd_pickle_id args, cd_pickle_id *out);

/* _rebuild_from_type_v2(function, class, arguments, attributes): function(*arguments), which must
 * make a tensor. The function may not be _rebuild_from_type_v2 itself, so the depth is one. */
static bool rebuild_from_type(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 4, 4)) {
        return wrong_arguments(pickle, "_rebuild_from_type_v2");
    }
    cd_pickle_id function = argument(pickle, args, 0), class = argument(pickle, args, 1);
    cd_pickle_id inner = argument(pickle, args, 2);
    bool unknown =
        kind_of(pickle, function) == CD_PICKLE_NAME || kind_of(pickle, class) == CD_PICKLE_NAME;
    if (unknown) {
        return unreadable(pickle,
                          "it is of a class derived from torch.Tensor: save it as "
                          "t.as_subclass(torch.Tensor)",
                          out);
    }
    if (kind_of(pickle, function) != CD_PICKLE_GLOBAL ||
        is_global(pickle, function, CD_GLOBAL_REBUILD_FROM_TYPE) ||
        (!is_global(pickle, class, CD_GLOBAL_TENSOR_CLASS) &&
         !is_global(pickle, class, CD_GLOBAL_PARAMETER)) ||
        kind_of(pickle, inner) != CD_PICKLE_TUPLE ||
        !are_attributes(pickle, argument(pickle, args, 3))) {
        return wrong_arguments(pickle, "_rebuild_from_type_v2");
    }
    uint32_t global = cd_pickle_value_of(pickle, function)->as.index;
    if (!call_global(pickle, global, inner, out)) return false;
    return kind_of(pickle, *out) == CD_PICKLE_TENSOR ||
           wrong_arguments(pickle, "_rebuild_from_type_v2");
}

/* --- other objects ---------------------------------------------------------------------------- */

/* OrderedDict() or, in files of Python 2, OrderedDict([[key, value], ...]), where a
 * pair may also be a tuple. */
static bool make_ordered_dict(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 0, 1)) return wrong_arguments(pickle, "OrderedDict");
    if (!cd_pickle_new(pickle, (cd_pickle_value){ .kind = CD_PICKLE_DICT }, out)) return false;
    if (cd_pickle_value_of(pickle, args)->count == 0) return true;
    const cd_pickle_value *list = cd_pickle_value_of(pickle, argument(pickle, args, 0));
    if (list->kind != CD_PICKLE_LIST) return wrong_arguments(pickle, "OrderedDict");
    uint32_t count = list->count, cell = list->as.cells.first;
    for (uint32_t i = 0; i < count; i++, cell = pickle->cells[cell].next) {
        const cd_pickle_value *pair = cd_pickle_value_of(pickle, pickle->cells[cell].value);
        if ((pair->kind != CD_PICKLE_TUPLE && pair->kind != CD_PICKLE_LIST) || pair->count != 2) {
            return wrong_arguments(pickle, "OrderedDict");
        }
        uint32_t first = pair->as.cells.first;
        uint32_t second = pair->kind == CD_PICKLE_TUPLE ? first + 1 : pickle->cells[first].next;
        cd_pickle_id key = pickle->cells[first].value, value = pickle->cells[second].value;
        if (!cd_pickle_append(pickle, *out, key) || !cd_pickle_append(pickle, *out, value)) {
            return false;
        }
    }
    return true;
}

/* torch.Size(tuple) becomes the tuple. */
static bool make_size(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 1, 1) ||
        !is_tuple_of_unsigned(pickle, argument(pickle, args, 0))) {
        return wrong_arguments(pickle, "torch.Size");
    }
    *out = argument(pickle, args, 0);
    return true;
}

/* set(list) or set(): the items that the list has now. What is made of something else is an empty
 * set, since nothing depends on it. */
static bool make_set(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 0, 1)) return wrong_arguments(pickle, "set");
    if (!cd_pickle_new(pickle, (cd_pickle_value){ .kind = CD_PICKLE_SET }, out)) return false;
    if (cd_pickle_value_of(pickle, args)->count == 0) return true;
    cd_pickle_id list = argument(pickle, args, 0), item;
    if (kind_of(pickle, list) != CD_PICKLE_LIST) return true;
    for (cd_pickle_iterator at = cd_pickle_iterate(pickle, list);
         cd_pickle_next(pickle, &at, &item);) {
        if (!cd_pickle_append(pickle, *out, item)) return false;
    }
    return true;
}

/* Parameter(tensor[, requires_grad]), and the Variable of old files: the tensor. */
static bool make_parameter(cd_pickle *pickle, cd_pickle_id args, cd_pickle_id *out)
{
    if (!cd_pickle_is_tuple(pickle, args, 1, 2) ||
        kind_of(pickle, argument(pickle, args, 0)) != CD_PICKLE_TENSOR ||
        (cd_pickle_value_of(pickle, args)->count == 2 &&
         !is_flag(pickle, argument(pickle, args, 1)))) {
        return wrong_arguments(pickle, "a Parameter");
    }
    *out = argument(pickle, args, 0);
    return true;
}

/* --- the opcodes ------------------------------------------------------------------------------ */

static bool call_global(cd_pickle *pickle, uint32_t global, cd_pickle_id args, cd_pickle_id *out)
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
    case CD_GLOBAL_REBUILD_UNREADABLE:
        return unreadable(pickle, cd_pickle_global_refusal(global), out);
    case CD_GLOBAL_SIZE:
        return make_size(pickle, args, out);
    case CD_GLOBAL_SET:
        return make_set(pickle, args, out);
    case CD_GLOBAL_PARAMETER:
        return make_parameter(pickle, args, out);
    case CD_GLOBAL_OPAQUE:
        return cd_pickle_new(pickle, (cd_pickle_value){ .kind = CD_PICKLE_OPAQUE }, out);
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
    const cd_pickle_value *value = cd_pickle_value_of(pickle, callable);
    if (kind_of(pickle, args) == CD_PICKLE_TUPLE) {
        if (value->kind == CD_PICKLE_GLOBAL) {
            return call_global(pickle, value->as.index, args, out);
        }
        if (value->kind == CD_PICKLE_NAME || value->kind == CD_PICKLE_OBJECT) {
            return cd_pickle_new_object(pickle, callable, out);
        }
    }
    return cd_pickle_fail(pickle, CD_ERR_FORMAT, "REDUCE of %s with %s",
                          cd_pickle_kind_name((cd_pickle_kind)value->kind),
                          cd_pickle_kind_name(kind_of(pickle, args)));
}

/* Parameter(), Parameter(tensor[, requires_grad]), a tensor class without arguments, or a class
 * that is not on the list of names. */
bool cd_pickle_newobj(cd_pickle *pickle, cd_pickle_id class, cd_pickle_id args, cd_pickle_id *out)
{
    if (kind_of(pickle, class) == CD_PICKLE_NAME) return cd_pickle_new_object(pickle, class, out);
    bool parameter = is_global(pickle, class, CD_GLOBAL_PARAMETER);
    if (!parameter && !is_global(pickle, class, CD_GLOBAL_TENSOR_CLASS)) {
        return cd_pickle_fail(pickle, CD_ERR_UNSUPPORTED,
                              "NEWOBJ of what is neither Parameter nor a tensor class");
    }
    if (!cd_pickle_is_tuple(pickle, args, 0, 2)) return wrong_arguments(pickle, "NEWOBJ");
    if (cd_pickle_value_of(pickle, args)->count == 0) {
        cd_pickle_value value = { .kind = parameter ? CD_PICKLE_UNBUILT_PARAMETER
                                                    : CD_PICKLE_UNBUILT_TENSOR };
        return cd_pickle_new(pickle, value, out);
    }
    return parameter ? make_parameter(pickle, args, out) : wrong_arguments(pickle, "NEWOBJ");
}

/* The state (requires_grad, volatile, hooks) of a tensor that has its storage already. */
static bool build_tensor(const cd_pickle *pickle, cd_pickle_id state)
{
    return (cd_pickle_is_tuple(pickle, state, 3, 3) &&
            is_flag(pickle, argument(pickle, state, 0)) &&
            is_flag(pickle, argument(pickle, state, 1)) &&
            are_no_hooks(pickle, argument(pickle, state, 2))) ||
           wrong_arguments(pickle, "BUILD of a tensor");
}

/* The state (tensor, gradient, hooks, requires_grad, volatile) of a Parameter from NEWOBJ. */
static bool is_parameter_state(const cd_pickle *pickle, cd_pickle_id state)
{
    return cd_pickle_is_tuple(pickle, state, 5, 5) &&
           kind_of(pickle, argument(pickle, state, 0)) == CD_PICKLE_TENSOR &&
           are_no_hooks(pickle, argument(pickle, state, 2)) &&
           is_flag(pickle, argument(pickle, state, 3)) &&
           is_flag(pickle, argument(pickle, state, 4));
}

bool cd_pickle_build(cd_pickle *pickle, cd_pickle_id object, cd_pickle_id state)
{
    cd_pickle_value made;
    switch (kind_of(pickle, object)) {
    case CD_PICKLE_DICT: /* the attributes of an OrderedDict (_metadata, for one) are dropped */
        if (kind_of(pickle, state) == CD_PICKLE_DICT) return true;
        return wrong_arguments(pickle, "BUILD of an OrderedDict");
    case CD_PICKLE_OBJECT:
        pickle->objects[cd_pickle_value_of(pickle, object)->as.index].state = state;
        return true;
    case CD_PICKLE_OPAQUE: /* whatever its attributes are */
    case CD_PICKLE_SET:
        return true;
    case CD_PICKLE_TENSOR:
        return build_tensor(pickle, state);
    case CD_PICKLE_UNBUILT_PARAMETER:
        if (!is_parameter_state(pickle, state)) {
            return wrong_arguments(pickle, "BUILD of a Parameter");
        }
        made = *cd_pickle_value_of(pickle, argument(pickle, state, 0));
        pickle->values[object] = made;
        return true;
    case CD_PICKLE_UNBUILT_TENSOR:
        if (!cd_pickle_is_tuple(pickle, state, 4, 4)) return wrong_arguments(pickle, "BUILD");
        if (!make_tensor(pickle, state, (cd_pickle_tensor){ .opcode_at = 0 }, &made)) return false;
        pickle->values[object] = made;
        return true;
    default:
        break;
    }
    return cd_pickle_fail(pickle, CD_ERR_FORMAT, "BUILD of %s",
                          cd_pickle_kind_name(kind_of(pickle, object)));
}
