/* The zip container of PyTorch 1.6 and later: PREFIX/data.pkl and one PREFIX/data/KEY per storage.
 */
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/pth_internal.h"
#include "io/zip_internal.h"

enum { KEY_MAX = 64, PREFIX_MAX = 3900, TEXT_MAX = 16 };

typedef struct loader {
    cd_archive *archive;
    cd_zip zip;
    cd_pickle pickle;
    const char *prefix; /* in the file; with the slash */
    size_t prefix_size;
    uint32_t *storage_of; /* of each zip entry: its index among the archive's storages */
    size_t storage_of_room;
} loader;

#define NO_STORAGE UINT32_MAX

static bool starts_with(const cd_zip_entry *e, size_t skip, const char *text)
{
    size_t size = strlen(text);
    return e->name_size >= skip + size && memcmp(e->name + skip, text, size) == 0;
}

static bool is_npy(const cd_zip_entry *e)
{
    return e->name_size > 4 && memcmp(e->name + e->name_size - 4, ".npy", 4) == 0;
}

/* PREFIX + name; the name is short. */
static const cd_zip_entry *find(const loader *l, const char *name, size_t size)
{
    char full[PREFIX_MAX + KEY_MAX + 8];
    memcpy(full, l->prefix, l->prefix_size);
    memcpy(full + l->prefix_size, name, size);
    return cd_zip_find(&l->zip, full, l->prefix_size + size);
}

/* --- what kind of zip it is ---------------------------------------------------------------------
 */

static bool find_prefix(loader *l)
{
    const cd_source *source = &l->archive->source;
    const cd_zip_entry *first = &l->zip.entries[l->zip.first];
    const char *slash = memchr(first->name, '/', first->name_size);
    if (!slash || slash - first->name >= PREFIX_MAX) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       is_npy(first)
                           ? "%s: this is a NumPy archive (.npz); .pth and .safetensors are read"
                           : "%s: this is a zip archive, but not one that torch.save wrote",
                       source->label);
    }
    l->prefix = first->name;
    l->prefix_size = (size_t)(slash - first->name) + 1;
    for (size_t i = 0; i < l->zip.count; i++) {
        const cd_zip_entry *e = &l->zip.entries[i];
        if (e->name_size < l->prefix_size || memcmp(e->name, l->prefix, l->prefix_size) != 0) {
            return cd_fail(
                CD_ERR_UNSUPPORTED,
                "%s: this is a zip archive, but not one that torch.save wrote: its entries "
                "do not lie in one folder",
                source->label);
        }
    }
    return true;
}

/* A TorchScript file is a program; it must never be taken for weights. */
static bool refuse_programs(const loader *l)
{
    for (size_t i = 0; i < l->zip.count; i++) {
        const cd_zip_entry *e = &l->zip.entries[i];
        if (starts_with(e, l->prefix_size, "code/") ||
            starts_with(e, l->prefix_size, "constants.pkl")) {
            return cd_fail(
                CD_ERR_UNSUPPORTED,
                "%s: this is a TorchScript program (torch.jit.save), which is never run: "
                "torch.save the state_dict() of the model instead",
                l->archive->source.label);
        }
    }
    return true;
}

/* The text of a small entry, with a NUL behind it; one that is too long is cut. */
static bool read_text(const loader *l, const cd_zip_entry *e, char text[TEXT_MAX + 1])
{
    size_t size = e->size < TEXT_MAX ? (size_t)e->size : TEXT_MAX;
    text[size] = '\0';
    return cd_source_read(&l->archive->source, e->data_at, text, size);
}

static bool check_version(const loader *l)
{
    const cd_zip_entry *e = find(l, "version", 7);
    if (!e) return true;
    char text[TEXT_MAX + 1];
    if (!read_text(l, e, text)) return false;
    size_t digits = strspn(text, "0123456789");
    bool newline = digits + 1 == e->size && text[digits] == '\n';
    if (digits > 0 && digits < 10 && text[0] != '0' && (digits == e->size || newline)) return true;
    return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, e->data_at,
                          "the entry \"version\" is not a number from 1");
}

static bool check_byte_order(const loader *l)
{
    const cd_zip_entry *e = find(l, "byteorder", 9);
    if (!e) return true;
    char text[TEXT_MAX + 1];
    if (!read_text(l, e, text)) return false;
    if (e->size == 6 && strcmp(text, "little") == 0) return true;
    if (e->size == 3 && strcmp(text, "big") == 0) {
        return cd_source_fail(
            &l->archive->source, CD_ERR_UNSUPPORTED, e->data_at,
            "it was written on a big-endian machine, and only little-endian files "
            "are read: load it in PyTorch on another machine and save it again");
    }
    return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, e->data_at,
                          "the entry \"byteorder\" is neither \"little\" nor \"big\"");
}

/* torch.save can be told to compute no CRCs, and then writes 0 for each. */
static void warn_of_no_crcs(const loader *l)
{
    if (!l->zip.without_crcs || l->archive->limits.crc == CD_CRC_OFF) return;
    cd_log_line(CD_LOG_WARNING,
                "%s: whoever wrote it computed no CRCs (all are 0), so damage to its tensors would "
                "go unnoticed",
                l->archive->source.label);
}

/* --- storages --------------------------------------------------------------------------------- */

/* Views of one storage share its record too, so that its CRC is computed once and not for each. */
static bool add_storage(loader *l, const cd_zip_entry *e, uint32_t *index)
{
    cd_archive *a = l->archive;
    uint32_t *known = &l->storage_of[e - l->zip.entries];
    if (*known == NO_STORAGE) {
        if (!cd_budget_grow(&a->budget, &a->storages, &a->storage_capacity, a->storage_count + 1,
                            sizeof *a->storages)) {
            return false;
        }
        *known = (uint32_t)a->storage_count;
        a->storages[a->storage_count++] = (cd_archive_storage){
            .at = e->data_at, .bytes = e->size, .crc = e->crc, .unchecked = !l->zip.without_crcs
        };
    }
    *index = *known;
    return true;
}

static bool no_storages_yet(loader *l)
{
    if (!cd_budget_grow(&l->archive->budget, &l->storage_of, &l->storage_of_room, l->zip.count,
                        sizeof *l->storage_of)) {
        return false;
    }
    for (size_t i = 0; i < l->zip.count; i++) l->storage_of[i] = NO_STORAGE;
    return true;
}

/* ("storage", StorageClass, key, location, numel): numel elements must be all that the entry has.
 */
static bool load_storage(cd_pickle *p, cd_pickle_id id, cd_pickle_id *out, void *user)
{
    loader *l = user;
    const char *key;
    size_t key_size;
    int64_t numel;
    const cd_pickle_value *tuple = cd_pickle_value_of(p, id);
    if (!cd_pickle_is_tuple(p, id, 5, 5) ||
        !cd_pickle_text_is(p, cd_pickle_item(p, tuple, 0), "storage") ||
        !cd_pickle_text(p, cd_pickle_item(p, tuple, 2), &key, &key_size) ||
        cd_pickle_value_of(p, cd_pickle_item(p, tuple, 3))->kind != CD_PICKLE_TEXT ||
        !cd_pickle_unsigned(p, cd_pickle_item(p, tuple, 4), &numel)) {
        return cd_pickle_fail(p, CD_ERR_FORMAT,
                              "a persistent id must be (\"storage\", class, key, location, numel)");
    }
    const cd_pickle_value *class = cd_pickle_value_of(p, cd_pickle_item(p, tuple, 1));
    if (class->kind != CD_PICKLE_GLOBAL ||
        cd_pickle_global_kind(class->as.index) != CD_GLOBAL_STORAGE) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "a storage whose class is no storage class");
    }
    char name[KEY_MAX + 8] = "data/", shown[KEY_MAX];
    cd_printable(shown, sizeof shown, key, key_size);
    if (key_size == 0 || key_size > KEY_MAX) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "the storage's key \"%s\" is empty or too long",
                              shown);
    }
    memcpy(name + 5, key, key_size);
    const cd_zip_entry *e = find(l, name, 5 + key_size);
    if (!e) return cd_pickle_fail(p, CD_ERR_FORMAT, "there is no entry data/%s", shown);
    cd_pickle_value node = { .kind = CD_PICKLE_STORAGE };
    cd_file_dtype dtype = cd_pickle_global_dtype(class->as.index);
    size_t width = dtype == CD_FILE_NONE ? 1 : (size_t)cd_file_dtype_bits(dtype) / 8, bytes;
    if (!cd_checked_bytes(numel, width, &bytes) || bytes != e->size) {
        return cd_pickle_fail(
            p, CD_ERR_FORMAT,
            "the storage %s is said to have %lld elements of %zu bytes, and its entry "
            "has %llu bytes",
            shown, (long long)numel, width, (unsigned long long)e->size);
    }
    node.dtype = (uint8_t)dtype;
    return add_storage(l, e, &node.as.index) && cd_pickle_new(p, node, out);
}

/* --- the file --------------------------------------------------------------------------------- */

/* What is checked is what is run: the bytes in memory. */
static bool check_pickle_crc(const loader *l, const cd_zip_entry *e)
{
    if (l->archive->limits.crc != CD_CRC_ERROR || l->zip.without_crcs) return true;
    return cd_zip_check_crc(&l->zip, e, l->archive->bytes.data);
}

static bool read_pickle(loader *l)
{
    const cd_zip_entry *e = find(l, "data.pkl", 8);
    if (!e) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: this is a zip archive, but not one that torch.save wrote: it has no "
                       "data.pkl",
                       l->archive->source.label);
    }
    if (!cd_source_piece(&l->archive->source, e->data_at, e->size, &l->archive->budget,
                         &l->archive->bytes) ||
        !check_pickle_crc(l, e)) {
        return false;
    }
    cd_cursor cursor = cd_cursor_over(&l->archive->bytes);
    cd_pickle_id root = CD_NO_NODE;
    if (!cd_pickle_run(&l->pickle, &cursor, &root)) return false;
    if (cd_cursor_left(&cursor) > 0) {
        return cd_bytes_fail(&l->archive->bytes, CD_ERR_FORMAT, cursor.at,
                             "data.pkl goes on after its STOP");
    }
    return cd_pth_check_tensors(l->archive, &l->pickle) &&
           cd_pth_add_entries(l->archive, &l->pickle, root);
}

bool cd_pth_read(cd_archive *archive)
{
    archive->kind = "PyTorch zip";
    loader l = { .archive = archive };
    cd_pickle_start(&l.pickle, &archive->budget, load_storage, &l);
    bool right = cd_zip_open(&l.zip, &archive->source, &archive->budget) && find_prefix(&l) &&
                 refuse_programs(&l) && cd_zip_check_stored(&l.zip) && check_version(&l) &&
                 check_byte_order(&l) && no_storages_yet(&l) && read_pickle(&l);
    if (right) warn_of_no_crcs(&l);
    cd_pickle_release(&l.pickle);
    cd_budget_release(&archive->budget, &l.storage_of, &l.storage_of_room, sizeof *l.storage_of);
    cd_zip_release(&l.zip, &archive->budget);
    return right;
}
