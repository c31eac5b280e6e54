/* Step 3 of cd_load (checkpoint.c): the zip container of PyTorch 1.6 and later.
 *
 *   PREFIX/data.pkl    the pickle of what was given to torch.save
 *   PREFIX/data/KEY    the elements of one storage; data.pkl names the KEY
 *   PREFIX/version     "3\n" or another number, without meaning here
 *   PREFIX/byteorder   "little" (the default) or "big"
 *
 * Other entries are ignored. zip.c has checked that names, sizes and positions agree (step 4).
 * Checked here: one folder for all entries, no program, no compression, the byte order, and that a
 * storage has exactly as many bytes as the pickle says. */
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/pth_internal.h"
#include "io/zip_internal.h"

enum {
    PREFIX_MAX = 3900, /* bytes of the prefix, so that a name behind it fits zip.c's limit */
    TEXT_MAX = 16      /* bytes of `version` and `byteorder` that are read */
};

/* All that reading one file needs. cd_pth_read releases everything but the archive. */
typedef struct loader {
    cd_archive *archive;
    const cd_zip *zip;
    cd_pickle pickle;
    const char *prefix; /* of all names, its slash included; points into the zip's directory */
    size_t prefix_size;
    uint32_t *storage_index; /* for each zip entry: its index in archive->storages, or NO_STORAGE */
    size_t storage_index_capacity;
} loader;

#define NO_STORAGE UINT32_MAX

/* Whether the entry's name goes on with `text` behind its first `skip` bytes. */
static bool starts_with(const cd_zip_entry *e, size_t skip, const char *text)
{
    size_t size = strlen(text);
    return e->name_size >= skip + size && memcmp(e->name + skip, text, size) == 0;
}

/* The entry PREFIX + name, or NULL. The name has at most CD_PTH_KEY_MAX + 8 bytes. */
static const cd_zip_entry *find_entry(const loader *l, const char *name, size_t size)
{
    char full[PREFIX_MAX + CD_PTH_KEY_MAX + 8];
    memcpy(full, l->prefix, l->prefix_size);
    memcpy(full + l->prefix_size, name, size);
    return cd_zip_find(l->zip, full, l->prefix_size + size);
}

/* --- what kind of zip it is ------------------------------------------------------------------- */

/* The prefix is the folder of the first entry; all others must lie in it. */
static bool find_prefix(loader *l)
{
    const cd_source *source = &l->archive->source;
    const cd_zip_entry *first = &l->zip->entries[l->zip->first_listed];
    const char *slash = memchr(first->name, '/', first->name_size);
    if (!slash || slash - first->name >= PREFIX_MAX) {
        return cd_fail(
            CD_ERR_UNSUPPORTED,
            "%s: this is a zip archive, but not one that torch.save or numpy.savez wrote",
            source->label);
    }
    l->prefix = first->name;
    l->prefix_size = (size_t)(slash - first->name) + 1;
    for (size_t i = 0; i < l->zip->count; i++) {
        const cd_zip_entry *e = &l->zip->entries[i];
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

/* torch.jit.save writes programs in the same container; one must never be taken for weights. */
static bool refuse_programs(const loader *l)
{
    for (size_t i = 0; i < l->zip->count; i++) {
        const cd_zip_entry *e = &l->zip->entries[i];
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

/* The first TEXT_MAX bytes of an entry, with a NUL behind them. */
static bool read_text(const loader *l, const cd_zip_entry *e, char text[TEXT_MAX + 1])
{
    size_t size = e->size < TEXT_MAX ? (size_t)e->size : TEXT_MAX;
    text[size] = '\0';
    return cd_source_read(&l->archive->source, e->data_offset, text, size);
}

/* The version may be any number from 1, with or without a newline behind it. */
static bool check_version(const loader *l)
{
    const cd_zip_entry *e = find_entry(l, "version", 7);
    if (!e) return true;
    char text[TEXT_MAX + 1];
    if (!read_text(l, e, text)) return false;
    size_t digits = strspn(text, "0123456789");
    bool newline = digits + 1 == e->size && text[digits] == '\n';
    if (digits > 0 && digits < 10 && text[0] != '0' && (digits == e->size || newline)) return true;
    return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, e->data_offset,
                          "the entry \"version\" is not a number from 1");
}

static bool check_byte_order(const loader *l)
{
    const cd_zip_entry *e = find_entry(l, "byteorder", 9);
    if (!e) return true;
    char text[TEXT_MAX + 1];
    if (!read_text(l, e, text)) return false;
    if (e->size == 6 && strcmp(text, "little") == 0) return true;
    l->archive->big_endian = e->size == 3 && strcmp(text, "big") == 0;
    if (l->archive->big_endian) return true;
    return cd_source_fail(&l->archive->source, CD_ERR_FORMAT, e->data_offset,
                          "the entry \"byteorder\" is neither \"little\" nor \"big\"");
}

/* torch.save can be told to compute no CRCs (torch.serialization.set_crc32_options) and
 * then writes 0 for each. */
static void warn_of_no_crcs(const loader *l)
{
    if (!l->zip->without_crcs || l->archive->limits.crc == CD_CRC_OFF) return;
    cd_log_line(CD_LOG_WARNING,
                "%s: whoever wrote it computed no CRCs (all are 0), so damage to its tensors would "
                "go unnoticed",
                l->archive->source.label);
}

/* --- storages --------------------------------------------------------------------------------- */

/* *index is the archive's storage for this zip entry. The pickle names a storage once for each of
 * its views; all of them get the same one, so that its CRC is computed once. */
static bool add_storage(loader *l, const cd_zip_entry *e, uint32_t *index)
{
    cd_archive *a = l->archive;
    uint32_t *known = &l->storage_index[e - l->zip->entries];
    if (*known == NO_STORAGE) {
        if (!cd_budget_grow(&a->budget, &a->storages, &a->storage_capacity, a->storage_count + 1,
                            sizeof *a->storages)) {
            return false;
        }
        *known = (uint32_t)a->storage_count;
        a->storages[a->storage_count++] =
            (cd_archive_storage){ .offset = e->data_offset,
                                  .bytes = e->size,
                                  .crc = e->crc,
                                  .unchecked = !l->zip->without_crcs };
    }
    *index = *known;
    return true;
}

static bool clear_storage_indices(loader *l)
{
    if (!cd_budget_grow(&l->archive->budget, &l->storage_index, &l->storage_index_capacity,
                        l->zip->count, sizeof *l->storage_index)) {
        return false;
    }
    for (size_t i = 0; i < l->zip->count; i++) l->storage_index[i] = NO_STORAGE;
    return true;
}

/* persistent_load: the entry data/KEY must have exactly the elements that the id says. */
static bool note_storage(cd_pickle *p, cd_pickle_id id, cd_pickle_id *out, void *user)
{
    loader *l = user;
    cd_pth_storage s;
    if (!cd_pth_storage_of(p, id, 5, &s)) return false;
    char name[CD_PTH_KEY_MAX + 8] = "data/", shown[CD_PTH_KEY_MAX];
    cd_printable(shown, sizeof shown, s.key, s.key_size);
    memcpy(name + 5, s.key, s.key_size);
    const cd_zip_entry *e = find_entry(l, name, 5 + s.key_size);
    if (!e) return cd_pickle_fail(p, CD_ERR_FORMAT, "there is no entry data/%s", shown);
    if (s.bytes != e->size) {
        return cd_pickle_fail(
            p, CD_ERR_FORMAT,
            "the storage %s is said to have %lld elements of %zu bytes, and its entry "
            "has %llu bytes",
            shown, (long long)s.numel, s.width, (unsigned long long)e->size);
    }
    cd_pickle_value storage = { .kind = CD_PICKLE_STORAGE, .dtype = (uint8_t)s.dtype };
    return add_storage(l, e, &storage.as.index) && cd_pickle_new(p, storage, out);
}

/* --- the file --------------------------------------------------------------------------------- */

/* Compares the CRC of the bytes in memory, which are the ones that are run. */
static bool check_pickle_crc(const loader *l, const cd_zip_entry *e)
{
    if (l->archive->limits.crc != CD_CRC_ERROR || l->zip->without_crcs) return true;
    return cd_zip_check_crc(l->zip, e, l->archive->description.data);
}

/* Reads data.pkl, runs it, and adds the tensors that it describes to the archive. */
static bool read_pickle(loader *l)
{
    const cd_zip_entry *e = find_entry(l, "data.pkl", 8);
    if (!e) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: this is a zip archive, but not one that torch.save wrote: it has no "
                       "data.pkl",
                       l->archive->source.label);
    }
    if (!cd_source_piece(&l->archive->source, e->data_offset, e->size, &l->archive->budget,
                         &l->archive->description) ||
        !check_pickle_crc(l, e)) {
        return false;
    }
    cd_cursor cursor = cd_cursor_over(&l->archive->description);
    cd_pickle_id root = CD_PICKLE_NO_VALUE;
    if (!cd_pickle_run(&l->pickle, &cursor, &root)) return false;
    if (cd_cursor_left(&cursor) > 0) {
        return cd_bytes_fail(&l->archive->description, CD_ERR_FORMAT, cursor.at,
                             "data.pkl goes on after its STOP");
    }
    return cd_pth_check_tensors(l->archive, &l->pickle) &&
           cd_pth_add_entries(l->archive, &l->pickle, root);
}

bool cd_pth_is(const cd_zip *zip)
{
    char name[PREFIX_MAX + 8];
    const cd_zip_entry *first = &zip->entries[zip->first_listed];
    const char *slash = memchr(first->name, '/', first->name_size);
    size_t prefix = slash ? (size_t)(slash - first->name) + 1 : 0;
    if (prefix == 0 || prefix > PREFIX_MAX) return false;
    memcpy(name, first->name, prefix);
    memcpy(name + prefix, "data.pkl", 8);
    return cd_zip_find(zip, name, prefix + 8) != NULL;
}

bool cd_pth_read(cd_archive *archive, const cd_zip *zip)
{
    archive->kind = "PyTorch zip";
    loader l = { .archive = archive, .zip = zip };
    cd_pickle_start(&l.pickle, &archive->budget, note_storage, &l);
    bool ok = find_prefix(&l) && refuse_programs(&l) && cd_zip_check_stored(zip) &&
              check_version(&l) && check_byte_order(&l) && clear_storage_indices(&l) &&
              read_pickle(&l);
    if (ok) warn_of_no_crcs(&l);
    cd_pickle_release(&l.pickle);
    cd_budget_release(&archive->budget, &l.storage_index, &l.storage_index_capacity,
                      sizeof *l.storage_index);
    return ok;
}
