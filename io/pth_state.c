/* Step 6 of cd_load (checkpoint.c): a pickle's tensors are checked against their storages, and
 * those of the state dict, which pth_find.c finds, become entries of the archive. */
#include <stdio.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/text_internal.h"
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
    entry->big_endian = archive->big_endian;
    entry->storage = t->storage;
    entry->offset = archive->storages[t->storage].offset + (uint64_t)offset * width;
    entry->bytes = (uint64_t)(end - offset) * width;
    return true;
}

/* An archive and a pickle, for a function that visits tensors. */
typedef struct target {
    cd_archive *archive;
    const cd_pickle *pickle;
} target;

/* Adds the entry of a tensor that is called `name`. */
static bool add_tensor(void *user, const char *name, size_t size, cd_pickle_id value)
{
    const target *to = user;
    const cd_pickle *p = to->pickle;
    char shown[64], what[CD_PICKLE_SHOWN];
    if (cd_pickle_value_of(p, value)->kind != CD_PICKLE_TENSOR) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: \"%s\" is %s, which is never built, and no tensor",
                       to->archive->description.label,
                       cd_printable(shown, sizeof shown, name, size),
                       cd_pickle_show(p, value, what));
    }
    const cd_pickle_tensor *t = &p->tensors[cd_pickle_value_of(p, value)->as.index];
    if (t->refusal) {
        return cd_bytes_fail(&to->archive->description, CD_ERR_UNSUPPORTED, t->opcode_at,
                             "pickle: the tensor \"%s\" cannot be read: %s",
                             cd_printable(shown, sizeof shown, name, size), t->refusal);
    }
    cd_archive_entry *entry = cd_archive_add(to->archive, name, size, t->opcode_at);
    return entry && fill_entry(to->archive, p, t, entry);
}

/* Adds the tensor of a dict under its key, which must be a text. */
static bool add_item(cd_archive *archive, const cd_pickle *p, const cd_pickle_pair *item)
{
    const char *name;
    size_t size;
    target to = { archive, p };
    if (cd_pickle_text(p, item->key, &name, &size)) return add_tensor(&to, name, size, item->value);
    const cd_pickle_tensor *t = &p->tensors[cd_pickle_value_of(p, item->value)->as.index];
    return cd_bytes_fail(
        &archive->description, CD_ERR_FORMAT, t->opcode_at,
        "pickle: a tensor's name is %s, and must be a string",
        cd_pickle_kind_name((cd_pickle_kind)cd_pickle_value_of(p, item->key)->kind));
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
static bool add_scalar(cd_archive *archive, const cd_pickle *p, const cd_pickle_pair *item)
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
 * (it is false for the dicts around a state dict). */
static bool add_items(cd_archive *archive, const cd_pickle *p, cd_pickle_id dict, bool tensors)
{
    if (cd_pickle_value_of(p, dict)->kind != CD_PICKLE_DICT) return true;
    cd_pickle_iterator at = cd_pickle_iterate(p, dict);
    for (cd_pickle_pair item; cd_pickle_next_pair(p, &at, &item);) {
        cd_pickle_kind kind = (cd_pickle_kind)cd_pickle_value_of(p, item.value)->kind;
        bool ok = kind != CD_PICKLE_TENSOR ? add_scalar(archive, p, &item)
                                           : !tensors || add_item(archive, p, &item);
        if (!ok) return false;
    }
    return true;
}

/* Adds the tensors of a module. */
static bool add_module(cd_archive *archive, const cd_pickle *p, cd_pickle_id module)
{
    cd_pth_steps steps = { CD_PTH_STEPS };
    target to = { archive, p };
    return cd_pth_visit_module(archive, p, module, &steps, add_tensor, &to);
}

bool cd_pth_add_entries(cd_archive *archive, const cd_pickle *p, cd_pickle_id root)
{
    cd_pth_found found = { .value = CD_PICKLE_NO_VALUE };
    if (!cd_pth_find(archive, p, root, &found)) return false;
    bool inner = found.around != CD_PICKLE_NO_VALUE;
    if (inner && !add_items(archive, p, root, false)) return false;
    if (inner && found.around != root && !add_items(archive, p, found.around, false)) return false;
    if (cd_pickle_value_of(p, found.value)->kind == CD_PICKLE_OBJECT) {
        return add_module(archive, p, found.value);
    }
    return add_items(archive, p, found.value, true);
}
