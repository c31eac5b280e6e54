/* Step 3 of cd_load (checkpoint.c): the pickle stream of PyTorch 0.1.10 to 1.5, which torch.save
 * still writes with _use_new_zipfile_serialization=False. Five pickles, each with its own STOP, and
 * behind them the storages:
 *
 *   the number 0x1950A86A20F9469CFC6C
 *   1001, the version of the format
 *   { "protocol_version": 1001, "little_endian": bool, "type_sizes": {...} }
 *   what was given to torch.save, which names storages by a key
 *   the list of all keys, in the order of the storages
 *   for each key: how many elements (i64), and the elements
 *
 * Numbers behind the pickles have their low byte first, whatever "little_endian" says of the
 * machine: PyTorch swaps bytes when it writes, and torch.load never asks. Only versions before 1.0
 * wrote the counts of elements as the machine had them, so on a big-endian one either order is
 * right there; the pickle says what the count must be.
 *
 * Nothing says how long the pickles are. They are read into a window that grows until they fit.
 *
 * A storage may be a view of another one (files before 0.4): then the id's last item is (key of the
 * view, offset, count), in elements. */
#include <stdlib.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/pth_internal.h"

enum { WINDOW_FIRST = 1 << 18, WINDOW_GROWTH = 4, VERSION = 1001 };

/* A storage as the pickle named it. A pickle names a storage again for every tensor over it; each
 * mention gets a storage of the archive, of the same range. */
typedef struct mention {
    const char *key;
    size_t key_size;
    int64_t numel;
    size_t bytes, width;        /* of the whole storage, and of an element */
    size_t view_at, view_bytes; /* the part that is meant */
    uint32_t index;             /* of the archive's storage */
    bool placed;                /* its elements were found */
} mention;

typedef struct loader {
    cd_archive *archive;
    cd_pickle pickle;
    cd_cursor cursor;
    bool big_endian;
    mention *mentions;
    size_t count, capacity;
} loader;

/* --- storages that the pickle names ----------------------------------------------------------- */

/* The view of a mention: None, or (key, offset, count) within the storage. */
static bool read_view(const cd_pickle *p, cd_pickle_id id, mention *m)
{
    int64_t offset, count, end;
    m->view_bytes = m->bytes;
    if (cd_pickle_value_of(p, id)->kind == CD_PICKLE_NONE) return true;
    const cd_pickle_value *view = cd_pickle_value_of(p, id);
    if (!cd_pickle_is_tuple(p, id, 3, 3) ||
        cd_pickle_value_of(p, cd_pickle_item(p, view, 0))->kind != CD_PICKLE_TEXT ||
        !cd_pickle_unsigned(p, cd_pickle_item(p, view, 1), &offset) ||
        !cd_pickle_unsigned(p, cd_pickle_item(p, view, 2), &count)) {
        return cd_pickle_fail(p, CD_ERR_FORMAT,
                              "the view of a storage must be (key, offset, number of elements)");
    }
    if (!cd_checked_add_i64(offset, count, &end) || end > m->numel) {
        return cd_pickle_fail(p, CD_ERR_FORMAT,
                              "a view of %lld elements from %lld leaves its storage of %lld",
                              (long long)count, (long long)offset, (long long)m->numel);
    }
    m->view_at = (size_t)offset * m->width;
    m->view_bytes = (size_t)count * m->width;
    return true;
}

/* persistent_load: ("storage", class, key, location, numel, view), or ("module", class, file of its
 * source, source), which stands for the class. */
static bool note_storage(cd_pickle *p, cd_pickle_id id, cd_pickle_id *out, void *user)
{
    loader *l = user;
    cd_pth_storage s;
    const cd_pickle_value *tuple = cd_pickle_value_of(p, id);
    if (cd_pickle_is_tuple(p, id, 4, 4) &&
        cd_pickle_text_is(p, cd_pickle_item(p, tuple, 0), "module")) {
        *out = cd_pickle_item(p, tuple, 1);
        return true;
    }
    if (!cd_pth_storage_of(p, id, 6, &s)) return false;
    mention m = { .key = s.key,
                  .key_size = s.key_size,
                  .numel = s.numel,
                  .bytes = s.bytes,
                  .width = s.width,
                  .index = (uint32_t)l->count };
    if (!read_view(p, s.view, &m) ||
        !cd_budget_grow(&l->archive->budget, &l->mentions, &l->capacity, l->count + 1,
                        sizeof *l->mentions)) {
        return false;
    }
    l->mentions[l->count++] = m;
    cd_pickle_value storage = { .kind = CD_PICKLE_STORAGE, .dtype = (uint8_t)s.dtype };
    storage.as.index = m.index;
    return cd_pickle_new(p, storage, out);
}

/* --- where they are --------------------------------------------------------------------------- */

static int compare_keys(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* By key; of equal keys the first mention comes first. */
static int compare_mentions(const void *a, const void *b)
{
    const mention *x = a, *y = b;
    int order = compare_keys(x->key, x->key_size, y->key, y->key_size);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The index of the first mention of a key; l->count if there is none. */
static size_t find_key(const loader *l, const char *key, size_t size)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const mention *m = &l->mentions[middle];
        if (compare_keys(m->key, m->key_size, key, size) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < l->count &&
                 compare_keys(l->mentions[low].key, l->mentions[low].key_size, key, size) == 0;
    return found ? low : l->count;
}

/* Reads the count of elements before a storage, which must be that of the pickle. */
static bool check_count(const loader *l, const mention *m, uint64_t at, const char *shown)
{
    unsigned char bytes[8];
    if (!cd_source_read(&l->archive->source, at, bytes, 8)) return false;
    uint64_t count = cd_load_le(bytes, 8);
    if (count == (uint64_t)m->numel) return true;
    if (l->big_endian && cd_load_be(bytes, 8) == (uint64_t)m->numel) return true;
    return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, at,
                          "the storage %s has %llu elements here, and %lld in the pickle", shown,
                          (unsigned long long)count, (long long)m->numel);
}

/* Places all mentions of one key at *at, and moves *at behind the elements. */
static bool place(loader *l, const char *key, size_t key_size, uint64_t *at)
{
    const cd_source *source = &l->archive->source;
    char shown[CD_PTH_KEY_MAX];
    (void)cd_printable(shown, sizeof shown, key, key_size);
    size_t first = find_key(l, key, key_size);
    if (first == l->count || l->mentions[first].placed) {
        return cd_source_fail(
            source, CD_ERR_FORMAT, *at,
            first == l->count ? "the list of storages has \"%s\", which the pickle does not name"
                              : "the list of storages has \"%s\" twice",
            shown);
    }
    const mention m = l->mentions[first];
    if (!check_count(l, &m, *at, shown)) return false;
    *at += 8;
    if (m.bytes > source->size - *at) {
        return cd_source_fail(source, CD_ERR_FORMAT, *at,
                              "the storage %s has %zu bytes, and %llu are left: the file is cut "
                              "short",
                              shown, m.bytes, (unsigned long long)(source->size - *at));
    }
    for (size_t i = first; i < l->count; i++) {
        mention *same = &l->mentions[i];
        if (compare_keys(same->key, same->key_size, key, key_size) != 0) break;
        if (same->bytes != m.bytes) {
            return cd_source_fail(source, CD_ERR_FORMAT, *at,
                                  "the pickle gives the storage %s %zu bytes, and %zu elsewhere",
                                  shown, m.bytes, same->bytes);
        }
        same->placed = true;
        l->archive->storages[same->index] =
            (cd_archive_storage){ .offset = *at + same->view_at, .bytes = same->view_bytes };
    }
    *at += m.bytes;
    return true;
}

static bool check_all_placed(const loader *l, uint64_t end)
{
    const cd_source *source = &l->archive->source;
    for (size_t i = 0; i < l->count; i++) {
        char shown[CD_PTH_KEY_MAX];
        if (l->mentions[i].placed) continue;
        return cd_source_fail(
            source, CD_ERR_FORMAT, end, "the storage %s is not in the file",
            cd_printable(shown, sizeof shown, l->mentions[i].key, l->mentions[i].key_size));
    }
    if (end == source->size) return true;
    return cd_source_fail(source, CD_ERR_FORMAT, end,
                          "the storages end here, and %llu bytes follow: torch.save wrote no such "
                          "file",
                          (unsigned long long)(source->size - end));
}

/* Finds the elements of all storages: `keys` is the list behind the pickle. */
static bool place_all(loader *l, cd_pickle_id keys)
{
    cd_archive *a = l->archive;
    if (l->count > 0) {
        qsort(l->mentions, l->count, sizeof *l->mentions, compare_mentions);
    }
    if (!cd_budget_grow(&a->budget, &a->storages, &a->storage_capacity, l->count,
                        sizeof *a->storages)) {
        return false;
    }
    a->storage_count = l->count;
    uint64_t at = l->cursor.at;
    cd_pickle_iterator items = cd_pickle_iterate(&l->pickle, keys);
    for (cd_pickle_id item; cd_pickle_next(&l->pickle, &items, &item);) {
        const char *key;
        size_t size;
        if (!cd_pickle_text(&l->pickle, item, &key, &size)) {
            return cd_pickle_fail(&l->pickle, CD_ERR_FORMAT,
                                  "the list of storages has a key that is no string");
        }
        if (!place(l, key, size, &at)) return false;
    }
    return check_all_placed(l, at);
}

/* --- the pickles ------------------------------------------------------------------------------ */

static bool read_magic(loader *l)
{
    static const unsigned char magic[] = { 0x6C, 0xFC, 0x9C, 0x46, 0xF9,
                                           0x20, 0x6A, 0xA8, 0x50, 0x19 };
    cd_pickle_id id;
    if (!cd_pickle_run(&l->pickle, &l->cursor, &id)) return false;
    const cd_pickle_value *value = cd_pickle_value_of(&l->pickle, id);
    const unsigned char *bytes = l->archive->description.data + value->as.text_at;
    if (value->kind == CD_PICKLE_LONG && value->count == sizeof magic &&
        memcmp(bytes, magic, sizeof magic) == 0) {
        return true;
    }
    return cd_pickle_fail(&l->pickle, CD_ERR_FORMAT, "it is not torch.save's number");
}

static bool read_version(loader *l)
{
    cd_pickle_id id;
    int64_t version;
    if (!cd_pickle_run(&l->pickle, &l->cursor, &id)) return false;
    if (cd_pickle_unsigned(&l->pickle, id, &version) && version == VERSION) return true;
    return cd_pickle_fail(&l->pickle, CD_ERR_UNSUPPORTED,
                          "the version of the pickle stream is not %d, the only one there ever was",
                          VERSION);
}

static bool read_system(loader *l)
{
    cd_pickle_id id;
    if (!cd_pickle_run(&l->pickle, &l->cursor, &id)) return false;
    if (cd_pickle_value_of(&l->pickle, id)->kind != CD_PICKLE_DICT) {
        return cd_pickle_fail(&l->pickle, CD_ERR_FORMAT, "what it says of its machine is no dict");
    }
    id = cd_pickle_get(&l->pickle, id, "little_endian");
    if (id == CD_PICKLE_NO_VALUE) return true;
    const cd_pickle_value *little = cd_pickle_value_of(&l->pickle, id);
    l->big_endian = little->kind == CD_PICKLE_BOOL && !little->as.integer;
    return true;
}

/* Runs the pickles that are in the window, and finds the storages. */
static bool read_pickles(loader *l)
{
    cd_pickle_id root = CD_PICKLE_NO_VALUE, keys = CD_PICKLE_NO_VALUE;
    l->cursor = cd_cursor_over(&l->archive->description);
    if (!read_magic(l) || !read_version(l) || !read_system(l) ||
        !cd_pickle_run(&l->pickle, &l->cursor, &root) ||
        !cd_pickle_run(&l->pickle, &l->cursor, &keys)) {
        return false;
    }
    if (cd_pickle_value_of(&l->pickle, keys)->kind != CD_PICKLE_LIST) {
        return cd_pickle_fail(&l->pickle, CD_ERR_FORMAT, "the list of storages is no list");
    }
    return place_all(l, keys) && cd_pth_check_tensors(l->archive, &l->pickle) &&
           cd_pth_add_entries(l->archive, &l->pickle, root);
}

/* Reads the file by its first `size` bytes. *starved is set to whether more bytes may help. */
static bool read_window(cd_archive *archive, uint64_t size, bool *starved)
{
    loader l = { .archive = archive };
    *starved = false;
    if (!cd_source_piece(&archive->source, 0, size, &archive->budget, &archive->description)) {
        return false;
    }
    cd_pickle_start(&l.pickle, &archive->budget, note_storage, &l);
    bool ok = read_pickles(&l);
    *starved = !ok && l.pickle.starved;
    cd_pickle_release(&l.pickle);
    cd_budget_release(&archive->budget, &l.mentions, &l.capacity, sizeof *l.mentions);
    return ok;
}

bool cd_stream_read(cd_archive *archive)
{
    archive->kind = "PyTorch pickle stream";
    if (!cd_ok()) return false;
    const uint64_t size = archive->source.size, most = archive->limits.description_bytes / 8 * 5;
    for (uint64_t window = WINDOW_FIRST;; window *= WINDOW_GROWTH) {
        bool starved;
        if (window > most) window = most;
        if (window > size) window = size;
        if (read_window(archive, window, &starved)) return true;
        if (!starved || window == size) return false;
        cd_clear_error();
        if (window == most) {
            return cd_fail(CD_ERR_MEMORY,
                           "%s: its pickles do not end within the %llu bytes that may describe its "
                           "tensors",
                           archive->source.label, (unsigned long long)most);
        }
        cd_bytes_release(&archive->description, &archive->budget);
    }
}
