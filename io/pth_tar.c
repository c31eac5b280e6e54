/* Step 3 of cd_load (checkpoint.c): the TAR container of PyTorch 0.1.1 to 0.1.9, of which
 * torchvision's first weights are (resnet18-5c106cde.pth). Four members in any order:
 *
 *   sys_info   a pickle: { "protocol_version": 1000, "little_endian": bool, "type_sizes": {...} }
 *   pickle     the pickle of what was given to torch.save; BINPERSID of a tensor's key
 *   tensors    a pickle: how many; for each the pickle (key, key of its storage, class), then how
 *              many dimensions (i64, of which 4 bytes count), the sizes and strides (i64 each) and
 *              the offset in the storage (i64), in elements
 *   storages   a pickle: how many; for each the pickle (key, location, class), then how many
 *              elements (i64) and the elements; behind them a pickle, the list of the storages that
 *              are views of others: (key, key of the other, offset, how many elements)
 *
 * Keys are integers: the addresses that the objects had. A key in the pickle is written as a
 * decimal string. All numbers have their low byte first. */
#include <stdlib.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/pth_internal.h"
#include "io/tar_internal.h"

enum { MEMBERS = 4, SYS_INFO = 0, PICKLE, TENSORS, STORAGES };
enum { SMALL_FIRST = 1024, SMALL_GROWTH = 16, RANK_MAX = 64 };

static const char *const member_names[MEMBERS] = { "sys_info", "pickle", "tensors", "storages" };

/* What a key stands for: a storage of the archive, or a tensor's value in the pickle. */
typedef struct keyed {
    int64_t key;
    uint32_t index; /* of the storage, or of the value */
    cd_file_dtype dtype;
} keyed;

typedef struct keyed_list {
    keyed *item;
    size_t count, capacity;
} keyed_list;

typedef struct loader {
    cd_archive *archive;
    cd_tar_member member[MEMBERS];
    bool has[MEMBERS];
    cd_pickle pickle; /* of the member "pickle": the tensors and what is made of them */
    cd_pickle small;  /* of the small pickles in the other members */
    cd_bytes bytes;   /* what `small` runs */
    keyed_list storages, tensors;
    uint64_t at, end; /* where in the file, and the end of the member that is read */
} loader;

/* --- keys ------------------------------------------------------------------------------------- */

static bool add_key(loader *l, keyed_list *list, keyed k)
{
    if (!cd_budget_grow(&l->archive->budget, &list->item, &list->capacity, list->count + 1,
                        sizeof *list->item)) {
        return false;
    }
    list->item[list->count++] = k;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* Sorts a list to be searched. False with an error when two things have one key. */
static bool sort_keys(const loader *l, keyed_list *list, int member)
{
    if (list->count > 0) qsort(list->item, list->count, sizeof *list->item, compare_keys);
    for (size_t i = 1; i < list->count; i++) {
        if (list->item[i].key != list->item[i - 1].key) continue;
        return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, l->member[member].offset,
                              "the member \"%s\" has the key %lld twice", member_names[member],
                              (long long)list->item[i].key);
    }
    return true;
}

/* Looks among the first `count` of a list, which are sorted. */
static const keyed *find_key(const keyed_list *list, size_t count, int64_t key)
{
    const keyed wanted = { .key = key };
    return count ? bsearch(&wanted, list->item, count, sizeof wanted, compare_keys) : NULL;
}

/* --- small pickles ---------------------------------------------------------------------------- */

/* The small pickles name no storages. */
static bool refuse_id(cd_pickle *p, cd_pickle_id id, cd_pickle_id *out, void *user)
{
    (void)id;
    (void)out;
    (void)user;
    return cd_pickle_fail(p, CD_ERR_FORMAT, "a persistent id where there is none to be");
}

/* Runs the pickle at l->at with the machine for small pickles, and moves behind it. */
static bool run_small(loader *l, cd_pickle_id *value)
{
    cd_archive *a = l->archive;
    for (uint64_t window = SMALL_FIRST;; window *= SMALL_GROWTH) {
        uint64_t left = l->end - l->at, most = a->limits.description_bytes / 2;
        if (window > most) window = most;
        if (window > left) window = left;
        cd_bytes_release(&l->bytes, &a->budget);
        if (!cd_source_piece(&a->source, l->at, window, &a->budget, &l->bytes)) return false;
        cd_cursor cursor = cd_cursor_over(&l->bytes);
        cd_pickle_forget(&l->small);
        if (cd_pickle_run(&l->small, &cursor, value)) {
            l->at += cursor.at;
            return true;
        }
        if (!l->small.starved || window == left || window == most) return false;
        cd_clear_error();
    }
}

static bool small_fails(const loader *l, const char *sentence)
{
    return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, l->bytes.base, "%s", sentence);
}

/* Begins to read a member: its first pickle is a count. */
static bool begin_member(loader *l, int member, int64_t *count)
{
    cd_pickle_id id;
    l->at = l->member[member].offset;
    l->end = l->at + l->member[member].size;
    if (!run_small(l, &id)) return false;
    return cd_pickle_unsigned(&l->small, id, count) ||
           small_fails(l, "the member does not begin with how many things it holds");
}

/* Item i of the tuple `id`, an integer. */
static bool integer_item(const cd_pickle *p, cd_pickle_id id, uint32_t i, int64_t *out)
{
    const cd_pickle_value *value =
        cd_pickle_value_of(p, cd_pickle_item(p, cd_pickle_value_of(p, id), i));
    *out = value->as.integer;
    return value->kind == CD_PICKLE_INTEGER;
}

/* Reads `count` numbers of 64 bits, none negative, behind a small pickle. */
static bool read_numbers(loader *l, int64_t *out, size_t count)
{
    unsigned char bytes[8 * (2 * RANK_MAX + 1)];
    if (count * 8 > l->end - l->at) {
        return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, l->at,
                              "the member ends within a number");
    }
    if (!cd_source_read(&l->archive->source, l->at, bytes, count * 8)) return false;
    for (size_t i = 0; i < count; i++) {
        out[i] = (int64_t)cd_load_le(bytes + 8 * i, 8);
        if (out[i] >= 0) continue;
        return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, l->at + 8 * i,
                              "a size, stride or offset is negative");
    }
    l->at += count * 8;
    return true;
}

/* --- the member "storages" -------------------------------------------------------------------- */

static bool add_storage(loader *l, int64_t key, cd_file_dtype dtype, uint64_t offset,
                        uint64_t bytes)
{
    cd_archive *a = l->archive;
    if (!cd_budget_grow(&a->budget, &a->storages, &a->storage_capacity, a->storage_count + 1,
                        sizeof *a->storages)) {
        return false;
    }
    keyed k = { .key = key, .index = (uint32_t)a->storage_count, .dtype = dtype };
    a->storages[a->storage_count++] = (cd_archive_storage){ .offset = offset, .bytes = bytes };
    return add_key(l, &l->storages, k);
}

static bool read_storage(loader *l)
{
    cd_pickle_id id;
    int64_t key, numel;
    cd_file_dtype dtype;
    size_t bytes;
    if (!run_small(l, &id)) return false;
    if (!cd_pickle_is_tuple(&l->small, id, 3, 3) || !integer_item(&l->small, id, 0, &key)) {
        return small_fails(l, "a storage must be (key, location, class)");
    }
    cd_pickle_id class = cd_pickle_item(&l->small, cd_pickle_value_of(&l->small, id), 2);
    if (!cd_pth_storage_class(&l->small, class, &dtype) || !read_numbers(l, &numel, 1)) {
        return false;
    }
    if (!cd_checked_bytes(numel, cd_pth_width(dtype), &bytes) || bytes > l->end - l->at) {
        return cd_source_fail(
            &l->archive->source, CD_ERR_FORMAT, l->at,
            "the storage %lld is said to have %lld elements of %zu bytes, and the "
            "member has %llu bytes left",
            (long long)key, (long long)numel, cd_pth_width(dtype),
            (unsigned long long)(l->end - l->at));
    }
    if (!add_storage(l, key, dtype, l->at, bytes)) return false;
    l->at += bytes;
    return true;
}

/* A view: (key, key of the storage, offset, number of elements). The first `roots` storages are no
 * views, and sorted. */
static bool read_view(loader *l, cd_pickle_id id, size_t roots)
{
    int64_t key, root_key, offset, count, end;
    size_t width;
    if (!cd_pickle_is_tuple(&l->small, id, 4, 4) || !integer_item(&l->small, id, 0, &key) ||
        !integer_item(&l->small, id, 1, &root_key) || !integer_item(&l->small, id, 2, &offset) ||
        !integer_item(&l->small, id, 3, &count)) {
        return small_fails(l, "a view must be (key, key of its storage, offset, elements)");
    }
    const keyed *root = find_key(&l->storages, roots, root_key);
    if (!root) return small_fails(l, "a view of a storage that is not there");
    const cd_archive_storage storage = l->archive->storages[root->index];
    width = cd_pth_width(root->dtype);
    if (offset < 0 || count < 0 || !cd_checked_add_i64(offset, count, &end) ||
        (uint64_t)end > storage.bytes / width) {
        return small_fails(l, "a view leaves its storage");
    }
    return add_storage(l, key, root->dtype, storage.offset + (uint64_t)offset * width,
                       (uint64_t)count * width);
}

static bool read_views(loader *l)
{
    cd_pickle_id list, item;
    if (!run_small(l, &list)) return false;
    if (cd_pickle_value_of(&l->small, list)->kind != CD_PICKLE_LIST) {
        return small_fails(l, "the views of storages are no list");
    }
    const size_t roots = l->storages.count;
    cd_pickle_iterator at = cd_pickle_iterate(&l->small, list);
    if (!sort_keys(l, &l->storages, STORAGES)) return false;
    while (cd_pickle_next(&l->small, &at, &item)) {
        if (!read_view(l, item, roots)) return false;
    }
    return true;
}

static bool read_storages(loader *l)
{
    int64_t count;
    if (!begin_member(l, STORAGES, &count)) return false;
    for (int64_t i = 0; i < count; i++) {
        if (!read_storage(l)) return false;
    }
    return read_views(l) && sort_keys(l, &l->storages, STORAGES);
}

/* --- the member "tensors" --------------------------------------------------------------------- */

/* Makes a tuple of integers in the pickle. */
static bool make_tuple(cd_pickle *p, const int64_t *numbers, uint32_t count, cd_pickle_id *out)
{
    cd_pickle_id items[RANK_MAX];
    for (uint32_t i = 0; i < count; i++) {
        cd_pickle_value value = { .kind = CD_PICKLE_INTEGER };
        value.as.integer = numbers[i];
        if (!cd_pickle_new(p, value, &items[i])) return false;
    }
    return cd_pickle_tuple(p, items, count, out);
}

/* The storage of a tensor. A tensor that had none gets an empty one. */
static bool find_storage(loader *l, cd_pickle_id id, keyed *out)
{
    const cd_pickle_value *value = cd_pickle_value_of(&l->small, id);
    *out = (keyed){ .dtype = CD_FILE_F32 };
    if (value->kind == CD_PICKLE_INTEGER) {
        const keyed *found = find_key(&l->storages, l->storages.count, value->as.integer);
        if (found) *out = *found;
        return found || small_fails(l, "a tensor of a storage that is not there");
    }
    if (value->kind != CD_PICKLE_NONE) return small_fails(l, "the key of a storage is no integer");
    cd_archive *a = l->archive;
    if (!cd_budget_grow(&a->budget, &a->storages, &a->storage_capacity, a->storage_count + 1,
                        sizeof *a->storages)) {
        return false;
    }
    out->index = (uint32_t)a->storage_count;
    a->storages[a->storage_count++] = (cd_archive_storage){ .offset = l->at };
    return true;
}

/* Shape and offset of a tensor. PyTorch then had no tensors of 0 dimensions: one with none is
 * empty, unless its storage has an element. */
static bool read_layout(loader *l, keyed storage, cd_pickle_tensor *t)
{
    int64_t numbers[2 * RANK_MAX + 1];
    uint64_t begin = l->at;
    unsigned char bytes[8];
    if (l->end - l->at < 8 || !cd_source_read(&l->archive->source, l->at, bytes, 8)) {
        return cd_ok() ? small_fails(l, "the member ends within a tensor") : false;
    }
    uint32_t rank = (uint32_t)cd_load_le(bytes, 4);
    if (rank > RANK_MAX) {
        return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, begin,
                              "a tensor of %lld dimensions", (long long)(int32_t)rank);
    }
    l->at += 8;
    if (!read_numbers(l, numbers, 2 * (size_t)rank + 1)) return false;
    t->storage_offset = numbers[2 * rank];
    if (rank == 0 && l->archive->storages[storage.index].bytes == 0) {
        numbers[0] = 0;
        numbers[1] = 1;
        rank = 1;
    }
    return make_tuple(&l->pickle, numbers, rank, &t->size) &&
           make_tuple(&l->pickle, numbers + rank, rank, &t->stride);
}

static bool read_tensor(loader *l)
{
    cd_pickle_id id;
    keyed storage, tensor = { .key = 0 };
    if (!run_small(l, &id)) return false;
    if (!cd_pickle_is_tuple(&l->small, id, 3, 3) || !integer_item(&l->small, id, 0, &tensor.key)) {
        return small_fails(l, "a tensor must be (key, key of its storage, class)");
    }
    cd_pickle_id storage_key = cd_pickle_item(&l->small, cd_pickle_value_of(&l->small, id), 1);
    if (!find_storage(l, storage_key, &storage)) return false;
    /* Offsets in errors count from the bytes of the member "pickle". */
    cd_pickle_tensor t = { .opcode_at = l->bytes.base - l->member[PICKLE].offset,
                           .storage = storage.index,
                           .dtype = storage.dtype };
    if (t.dtype == CD_FILE_NONE) return small_fails(l, "a tensor over an untyped storage");
    cd_pickle_value value;
    return read_layout(l, storage, &t) && cd_pickle_add_tensor(&l->pickle, t, &value) &&
           cd_pickle_new(&l->pickle, value, &tensor.index) && add_key(l, &l->tensors, tensor);
}

static bool read_tensors(loader *l)
{
    int64_t count;
    if (!begin_member(l, TENSORS, &count)) return false;
    for (int64_t i = 0; i < count; i++) {
        if (!read_tensor(l)) return false;
    }
    return sort_keys(l, &l->tensors, TENSORS);
}

/* --- the members "sys_info" and "pickle" ------------------------------------------------------ */

/* How numbers were written on a big-endian machine is not known, and no such file either. */
static bool read_system(loader *l)
{
    cd_pickle_id id;
    l->at = l->member[SYS_INFO].offset;
    l->end = l->at + l->member[SYS_INFO].size;
    if (!run_small(l, &id)) return false;
    id = cd_pickle_get(&l->small, id, "little_endian");
    if (id == CD_PICKLE_NO_VALUE) return true;
    const cd_pickle_value *little = cd_pickle_value_of(&l->small, id);
    if (little->kind != CD_PICKLE_BOOL || little->as.integer) return true;
    return cd_source_fail(&l->archive->source, CD_ERR_UNSUPPORTED, l->member[SYS_INFO].offset,
                          "this TAR container of PyTorch was written on a big-endian machine: load "
                          "it in PyTorch there and save it again");
}

/* The decimal string or integer by which the pickle names a tensor or storage. */
static bool read_key(const cd_pickle *p, cd_pickle_id id, int64_t *key)
{
    const char *text;
    size_t size;
    *key = 0;
    if (!cd_pickle_text(p, id, &text, &size)) return cd_pickle_unsigned(p, id, key);
    if (size == 0 || size > 18) return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *key = *key * 10 + (text[i] - '0');
    }
    return true;
}

/* persistent_load: the key of a tensor or storage, or (class, file of its source, source), which
 * stands for the class. */
static bool find_object(cd_pickle *p, cd_pickle_id id, cd_pickle_id *out, void *user)
{
    const loader *l = user;
    int64_t key;
    if (cd_pickle_is_tuple(p, id, 3, 3)) {
        *out = cd_pickle_item(p, cd_pickle_value_of(p, id), 0);
        return true;
    }
    if (!read_key(p, id, &key)) {
        return cd_pickle_fail(p, CD_ERR_FORMAT,
                              "a persistent id must be the decimal key of a tensor or storage");
    }
    const keyed *tensor = find_key(&l->tensors, l->tensors.count, key);
    if (tensor) {
        *out = tensor->index;
        return true;
    }
    const keyed *storage = find_key(&l->storages, l->storages.count, key);
    if (!storage) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "the key %lld is that of no tensor and no storage",
                              (long long)key);
    }
    cd_pickle_value value = { .kind = CD_PICKLE_STORAGE, .dtype = (uint8_t)storage->dtype };
    value.as.index = storage->index;
    return cd_pickle_new(p, value, out);
}

static bool read_pickle(loader *l)
{
    cd_archive *a = l->archive;
    const cd_tar_member *m = &l->member[PICKLE];
    cd_pickle_id root = CD_PICKLE_NO_VALUE;
    if (!cd_source_piece(&a->source, m->offset, m->size, &a->budget, &a->description)) return false;
    cd_cursor cursor = cd_cursor_over(&a->description);
    return cd_pickle_run(&l->pickle, &cursor, &root) && cd_pth_check_tensors(a, &l->pickle) &&
           cd_pth_add_entries(a, &l->pickle, root);
}

/* --- the archive ------------------------------------------------------------------------------ */

static int member_of(const char *name)
{
    for (int i = 0; i < MEMBERS; i++) {
        if (strcmp(name, member_names[i]) == 0) return i;
    }
    return MEMBERS;
}

/* Notes a member that is one of the four. Others are passed over. */
static bool note_member(loader *l, const cd_tar_member *m)
{
    int i = member_of(m->name);
    if (i == MEMBERS) return true;
    const bool again = l->has[i];
    l->has[i] = true;
    if (!m->is_file || again) {
        return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, m->header,
                              again ? "TAR: there are two members \"%s\""
                                    : "TAR: the member \"%s\" is no file",
                              member_names[i]);
    }
    l->member[i] = *m;
    return true;
}

/* Whether at least one of the four members was seen. */
static bool is_pytorchs(const loader *l)
{
    return l->has[SYS_INFO] || l->has[PICKLE] || l->has[TENSORS] || l->has[STORAGES];
}

/* Finds the members. False with an error; that of a damaged TAR only where it is PyTorch's. */
static bool find_members(loader *l)
{
    const cd_source *source = &l->archive->source;
    bool end = false;
    for (uint64_t at = 0; !end;) {
        cd_tar_member m;
        if (!cd_tar_next(source, &at, &m, &end) || (!end && !note_member(l, &m))) {
            if (is_pytorchs(l) || cd_error_code() == CD_ERR_IO) return false;
            cd_clear_error();
            end = true;
        }
    }
    if (!is_pytorchs(l)) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: this is a TAR archive: unpack it first",
                       source->label);
    }
    for (int i = 0; i < MEMBERS; i++) {
        if (l->has[i]) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "%s: this is the TAR container of PyTorch 0.1, but it has no member \"%s\": "
                       "the file is cut short, perhaps",
                       source->label, member_names[i]);
    }
    return true;
}

bool cd_is_tar(const cd_bytes *bytes)
{
    return bytes->size >= 512 && bytes->data[0] != '\0' && cd_tar_sum_fits(bytes->data);
}

bool cd_tar_read(cd_archive *archive)
{
    archive->kind = "PyTorch TAR";
    if (!cd_ok()) return false;
    loader l = { .archive = archive };
    cd_pickle_start(&l.pickle, &archive->budget, find_object, &l);
    cd_pickle_start(&l.small, &archive->budget, refuse_id, &l);
    bool ok = find_members(&l) && read_system(&l) && read_storages(&l) && read_tensors(&l) &&
              read_pickle(&l);
    cd_pickle_release(&l.pickle);
    cd_pickle_release(&l.small);
    cd_bytes_release(&l.bytes, &archive->budget);
    cd_budget_release(&archive->budget, &l.storages.item, &l.storages.capacity,
                      sizeof *l.storages.item);
    cd_budget_release(&archive->budget, &l.tensors.item, &l.tensors.capacity,
                      sizeof *l.tensors.item);
    return ok;
}
