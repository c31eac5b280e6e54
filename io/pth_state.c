/* Step 6 of cd_load (checkpoint.c): a pickle's tensors are checked against their storages, the
 * state dict is found among the pickle's values, and its tensors become entries of the archive. */
#include <stdio.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/name_list_internal.h"
#include "io/pth_internal.h"

/* --- tensors against their storages ----------------------------------------------------------- */

static bool tensor_fails(const cd_archive *archive, const cd_pickle_tensor *t, const char *sentence)
{
    return cd_bytes_fail(&archive->description, CD_ERR_FORMAT, t->opcode_at,
                         "pickle: a tensor's %s", sentence);
}

static int64_t tuple_integer(const cd_pickle *p, cd_pickle_id tuple, uint32_t i)
{
    return cd_pickle_value_of(p, cd_pickle_item(p, cd_pickle_value_of(p, tuple), i))->as.integer;
}

/* The end of the tensor's last element, in elements from the start of its storage; 0 for a tensor
 * without elements, whose offset is ignored, because PyTorch itself writes offsets beyond the
 * storage there (a row of a 2x0 tensor). False when a number overflows. */
static bool extent_end(const cd_pickle *p, const cd_pickle_tensor *t, int64_t *end)
{
    uint32_t rank = cd_pickle_value_of(p, t->size)->count;
    int64_t last = t->storage_offset;
    *end = 0;
    for (uint32_t i = 0; i < rank; i++) {
        if (tuple_integer(p, t->size, i) == 0) return true;
    }
    for (uint32_t i = 0; i < rank; i++) {
        int64_t step;
        if (!cd_checked_mul_i64(tuple_integer(p, t->size, i) - 1, tuple_integer(p, t->stride, i),
                                &step) ||
            !cd_checked_add_i64(last, step, &last)) {
            return false;
        }
    }
    return cd_checked_add_i64(last, 1, end);
}

bool cd_pth_check_tensors(const cd_archive *archive, const cd_pickle *p)
{
    for (size_t i = 0; i < p->tensor_count; i++) {
        const cd_pickle_tensor *t = &p->tensors[i];
        if (t->refusal) continue; /* such a tensor is never read and may have no storage */
        const cd_archive_storage *storage = &archive->storages[t->storage];
        size_t numel = storage->bytes / ((size_t)cd_file_dtype_bits(t->dtype) / 8);
        int64_t end;
        if (cd_pickle_value_of(p, t->size)->count != cd_pickle_value_of(p, t->stride)->count) {
            return tensor_fails(archive, t, "size and stride have different lengths");
        }
        if (!extent_end(p, t, &end) || (uint64_t)end > numel) {
            return tensor_fails(archive, t, "offset, size and stride leave its storage");
        }
    }
    return true;
}

/* --- looking into dictionaries ---------------------------------------------------------------- */

typedef struct dict_item {
    cd_pickle_id key, value;
} dict_item;

/* The next item of a dict; false behind the last one. Begin with *cell = as.cells.first and
 * *remaining = count. */
static bool next_item(const cd_pickle *p, uint32_t *cell, uint32_t *remaining, dict_item *out)
{
    if (*remaining < 2) return false;
    out->key = p->cells[*cell].value;
    *cell = p->cells[*cell].next;
    out->value = p->cells[*cell].value;
    *cell = p->cells[*cell].next;
    *remaining -= 2;
    return true;
}

static bool holds_tensors(const cd_pickle *p, cd_pickle_id dict)
{
    const cd_pickle_value *value = cd_pickle_value_of(p, dict);
    if (value->kind != CD_PICKLE_DICT) return false;
    uint32_t cell = value->as.cells.first, remaining = value->count;
    for (dict_item item; next_item(p, &cell, &remaining, &item);) {
        if (cd_pickle_value_of(p, item.value)->kind == CD_PICKLE_TENSOR) return true;
    }
    return false;
}

/* The value under `key`, if it is a dict with tensors. Of equal keys the last counts, as
 * in Python. Only the last is looked into: otherwise n equal keys with one dict of n
 * items would take n^2 steps. */
static bool find_dict(const cd_pickle *p, cd_pickle_id dict, const char *key, cd_pickle_id *out)
{
    const cd_pickle_value *value = cd_pickle_value_of(p, dict);
    uint32_t cell = value->as.cells.first, remaining = value->count;
    cd_pickle_id found = CD_PICKLE_NO_VALUE;
    for (dict_item item; next_item(p, &cell, &remaining, &item);) {
        if (cd_pickle_text_is(p, item.key, key)) found = item.value;
    }
    if (found == CD_PICKLE_NO_VALUE || !holds_tensors(p, found)) return false;
    *out = found;
    return true;
}

static void add_key(cd_name_list *list, const cd_pickle *p, cd_pickle_id key)
{
    const char *name;
    size_t size;
    if (cd_pickle_text(p, key, &name, &size)) cd_name_list_add(list, name, size);
}

/* Whether the first value of a dict is a tensor. That is enough to recognise a state dict, and it
 * takes one step, since many keys may share one long dict. */
static bool begins_with_tensor(const cd_pickle *p, cd_pickle_id dict)
{
    const cd_pickle_value *value = cd_pickle_value_of(p, dict);
    uint32_t cell = value->as.cells.first, remaining = value->count;
    dict_item item;
    return value->kind == CD_PICKLE_DICT && next_item(p, &cell, &remaining, &item) &&
           cd_pickle_value_of(p, item.value)->kind == CD_PICKLE_TENSOR;
}

static void log_key(const cd_archive *archive, const char *key)
{
    cd_log_line(CD_LOG_INFO, "%s: the tensors are those under \"%s\"", archive->description.label,
                key);
}

/* The only dict of tensors among the values of `root`, whatever its key. */
static bool find_only_dict(const cd_archive *archive, const cd_pickle *p, cd_pickle_id root,
                           cd_pickle_id *out)
{
    const cd_pickle_value *value = cd_pickle_value_of(p, root);
    uint32_t cell = value->as.cells.first, remaining = value->count;
    cd_name_list keys = { .count = 0 }, dicts = { .count = 0 };
    int found = 0;
    for (dict_item item; next_item(p, &cell, &remaining, &item);) {
        add_key(&keys, p, item.key);
        if (!begins_with_tensor(p, item.value)) continue;
        add_key(&dicts, p, item.key);
        *out = item.value;
        found++;
    }
    if (found == 1) {
        log_key(archive, dicts.text);
        return true;
    }
    if (found > 1) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: it holds several dictionaries of tensors (%s), and which of them is "
                       "meant is not known: torch.save that one alone",
                       archive->description.label, dicts.text);
    }
    return cd_fail(
        CD_ERR_UNSUPPORTED,
        "%s: there are no tensors in its dictionary, nor in one under any of its keys%s%s%s: "
        "torch.save the state_dict() of the model",
        archive->description.label, keys.count ? " (" : "", keys.text, keys.count ? ")" : "");
}

/* The names under which training scripts store the state dict, the most usual first.
 * Where a checkpoint has several of them (a model beside its running average, say), the
 * first in this list is taken. */
static bool find_state_dict(const cd_archive *archive, const cd_pickle *p, cd_pickle_id root,
                            cd_pickle_id *out)
{
    static const char *const wrappers[] = { "state_dict",  "model_state_dict", "model", "net",
                                            "model_state", "weights",          "params" };
    const cd_pickle_value *value = cd_pickle_value_of(p, root);
    if (value->kind != CD_PICKLE_DICT) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: it holds %s, and not a dictionary of named tensors: torch.save the "
                       "state_dict() of the model",
                       archive->description.label,
                       cd_pickle_kind_name((cd_pickle_kind)value->kind));
    }
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        if (!find_dict(p, root, wrappers[i], out)) continue;
        log_key(archive, wrappers[i]);
        return true;
    }
    *out = root;
    if (holds_tensors(p, root) || value->count == 0) return true;
    return find_only_dict(archive, p, root, out);
}

/* --- entries ---------------------------------------------------------------------------------- */

/* Shape, dtype and position of the tensor. */
static bool fill_entry(const cd_archive *archive, const cd_pickle *p, const cd_pickle_tensor *t,
                       cd_archive_entry *entry)
{
    uint32_t rank = cd_pickle_value_of(p, t->size)->count;
    if (rank > CD_MAX_DIMS) {
        char shown[64];
        return cd_bytes_fail(
            &archive->description, CD_ERR_UNSUPPORTED, t->opcode_at,
            "pickle: the tensor \"%s\" has %u dimensions, and tensors here have up "
            "to %d",
            cd_printable(shown, sizeof shown, entry->name, strlen(entry->name)), (unsigned)rank,
            CD_MAX_DIMS);
    }
    entry->shape.ndim = (int)rank;
    for (uint32_t i = 0; i < rank; i++) {
        entry->shape.dim[i] = tuple_integer(p, t->size, i);
        entry->stride[i] = tuple_integer(p, t->stride, i);
    }
    if (!cd_shape_elements(entry->shape, &entry->elements)) {
        return tensor_fails(archive, t, "number of elements overflows");
    }
    int64_t end, offset = entry->elements > 0 ? t->storage_offset : 0;
    (void)extent_end(p, t, &end); /* cannot fail: cd_pth_check_tensors was called before */
    size_t width = (size_t)cd_file_dtype_bits(t->dtype) / 8;
    entry->dtype = t->dtype;
    entry->storage = t->storage;
    entry->offset = archive->storages[t->storage].offset + (uint64_t)offset * width;
    entry->bytes = (uint64_t)(end - offset) * width;
    return true;
}

static bool add_tensor(cd_archive *archive, const cd_pickle *p, const dict_item *item)
{
    const char *name;
    size_t size;
    const cd_pickle_tensor *t = &p->tensors[cd_pickle_value_of(p, item->value)->as.index];
    if (!cd_pickle_text(p, item->key, &name, &size)) {
        return cd_bytes_fail(
            &archive->description, CD_ERR_FORMAT, t->opcode_at,
            "pickle: a tensor's name is %s, and must be a string",
            cd_pickle_kind_name((cd_pickle_kind)cd_pickle_value_of(p, item->key)->kind));
    }
    if (t->refusal) {
        char shown[64];
        return cd_bytes_fail(&archive->description, CD_ERR_UNSUPPORTED, t->opcode_at,
                             "pickle: the tensor \"%s\" cannot be read: %s",
                             cd_printable(shown, sizeof shown, name, size), t->refusal);
    }
    cd_archive_entry *entry = cd_archive_add(archive, name, size, t->opcode_at);
    return entry && fill_entry(archive, p, t, entry);
}

/* A float as Python prints it: the shortest digits that give the same double, and ".0" behind them
 * when they look like an integer. Returns the length. */
static int float_text(double value, char *out, size_t size)
{
    int length = cd_format_shortest(out, size, value);
    if (strspn(out, "-0123456789") == (size_t)length) {
        length += snprintf(out + length, size - (size_t)length, ".0");
    }
    return length;
}

/* Adds a number or text to the metadata, if its key is a text. Other values are dropped. */
static bool add_scalar(cd_archive *archive, const cd_pickle *p, const dict_item *item)
{
    const char *key, *text;
    size_t key_size, size = 0;
    char number[40];
    if (!cd_pickle_c_string(p, item->key, &key, &key_size)) return true;
    const cd_pickle_value *value = cd_pickle_value_of(p, item->value);
    switch ((cd_pickle_kind)value->kind) {
    case CD_PICKLE_TEXT:
        if (!cd_pickle_c_string(p, item->value, &text, &size)) return true;
        return cd_archive_add_metadata(archive, key, key_size, text, size);
    case CD_PICKLE_NONE:
        size = (size_t)snprintf(number, sizeof number, "None");
        break;
    case CD_PICKLE_BOOL:
        size = (size_t)snprintf(number, sizeof number, value->as.integer ? "True" : "False");
        break;
    case CD_PICKLE_INTEGER:
        size = (size_t)snprintf(number, sizeof number, "%lld", (long long)value->as.integer);
        break;
    case CD_PICKLE_FLOAT:
        size = (size_t)float_text(value->as.real, number, sizeof number);
        break;
    default:
        return true;
    }
    return cd_archive_add_metadata(archive, key, key_size, number, size);
}

/* Adds the items of a dict: numbers and texts as metadata, tensors as entries if `tensors` is true
 * (it is false for the dict around a state dict). */
static bool add_items(cd_archive *archive, const cd_pickle *p, cd_pickle_id dict, bool tensors)
{
    const cd_pickle_value *value = cd_pickle_value_of(p, dict);
    uint32_t cell = value->as.cells.first, remaining = value->count;
    for (dict_item item; next_item(p, &cell, &remaining, &item);) {
        cd_pickle_kind kind = (cd_pickle_kind)cd_pickle_value_of(p, item.value)->kind;
        bool ok = kind != CD_PICKLE_TENSOR ? add_scalar(archive, p, &item)
                                           : !tensors || add_tensor(archive, p, &item);
        if (!ok) return false;
    }
    return true;
}

bool cd_pth_add_entries(cd_archive *archive, const cd_pickle *p, cd_pickle_id root)
{
    cd_pickle_id dict = CD_PICKLE_NO_VALUE;
    if (!find_state_dict(archive, p, root, &dict)) return false;
    if (dict != root && !add_items(archive, p, root, false)) return false;
    return add_items(archive, p, dict, true);
}
