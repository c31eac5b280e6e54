/* Step 2 of cd_load (checkpoint.c): opens a file of tensors, hands it to the front end of its
 * container, and looks up entries by name. The step itself is read_container. */
#include "io/archive_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory_internal.h"
#include "io/name_hash_internal.h"
#include "io/zip_internal.h"

/* A page tells which of the containers a file is, and what else it may be. */
enum { ENTRIES_DEFAULT = 1000000, SNIFF_BYTES = 4096 };

/* --- opening ---------------------------------------------------------------------------------- */

static void set_limits(cd_archive *archive, const cd_archive_limits *limits)
{
    cd_archive_limits *l = &archive->limits;
    if (limits) *l = *limits;
    if (l->description_bytes == 0) l->description_bytes = CD_BUDGET_DEFAULT;
    if (l->entries == 0) l->entries = ENTRIES_DEFAULT;
    if (l->tensor_bytes == 0) {
        size_t file4, room = (size_t)64 << 20;
        if (!cd_checked_mul((size_t)archive->source.size, 4, &file4)) file4 = SIZE_MAX - room;
        if (!cd_checked_add(file4, room, &l->tensor_bytes)) l->tensor_bytes = SIZE_MAX;
    }
    archive->budget = (cd_budget){ .limit = l->description_bytes, .label = archive->source.label };
}

/* Reads up to `limit` bytes from the start of the file into `memory`; *out is a view of them. */
static bool read_start(const cd_source *source, unsigned char *memory, size_t limit, cd_bytes *out)
{
    size_t size = source->size < limit ? (size_t)source->size : limit;
    if (!cd_source_read(source, 0, memory, size)) return false;
    cd_bytes_borrow(out, source->label, memory, size);
    return true;
}

static bool is_zip(const cd_bytes *bytes)
{
    return bytes->size >= 4 && memcmp(bytes->data, "PK\3\4", 4) == 0;
}

static bool read_zip(cd_archive *archive)
{
    cd_zip zip;
    bool ok = cd_zip_open(&zip, &archive->source, &archive->budget);
    if (ok) {
        bool npz = !cd_pth_is(&zip) && cd_npz_is(&zip);
        ok = npz ? cd_npz_read(archive, &zip) : cd_pth_read(archive, &zip);
    }
    cd_zip_release(&zip, &archive->budget);
    return ok;
}

static bool is_npy(const cd_bytes *bytes)
{
    return bytes->size >= 6 && memcmp(bytes->data, "\x93NUMPY", 6) == 0;
}

static bool read_container(cd_archive *archive)
{
    unsigned char memory[SNIFF_BYTES];
    cd_bytes start;
    if (!read_start(&archive->source, memory, SNIFF_BYTES, &start)) return false;
    if (is_zip(&start)) return read_zip(archive);
    if (is_npy(&start)) return cd_npy_read(archive);
    if (cd_is_pickle_stream(&start)) return cd_stream_read(archive);
    if (cd_looks_like_safetensors(&start)) return cd_safetensors_read(archive);
    if (cd_is_tar(&start)) return cd_tar_read(archive);
    return cd_archive_refuse(&start);
}

/* Only what torch.save wrote can have several sets of tensors. */
static bool check_key(const cd_archive *archive)
{
    char shown[64];
    if (!archive->limits.key || archive->key) return true;
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s: this file (%s) has one set of tensors, and no key \"%s\" to choose another "
                   "by: only files of torch.save have keys",
                   archive->source.label, archive->kind,
                   cd_escape_text(shown, sizeof shown, archive->limits.key));
}

/* A name is no word of honour for what comes from a pipe. */
static bool check_hash(const cd_archive *archive)
{
    if (!archive->path || archive->limits.any_hash || !archive->source.is_file) return true;
    return cd_name_hash_fits(&archive->source, archive->path);
}

/* Opens an archive whose source is set and all else zero. Frees it when that fails. */
static cd_archive *open_source(cd_archive *archive, const cd_archive_limits *limits)
{
    cd_bytes_borrow(&archive->description, archive->source.label, NULL, 0);
    set_limits(archive, limits);
    bool ok = read_container(archive) && check_key(archive) && cd_archive_finish(archive) &&
              check_hash(archive) && cd_source_unchanged(&archive->source);
    archive->path = archive->limits.key = NULL; /* the caller's */
    cd_bytes_release(&archive->description, &archive->budget);
    if (ok) return archive;
    cd_archive_close(archive);
    return NULL;
}

cd_archive *cd_archive_open_with(const char *path, const cd_archive_limits *limits)
{
    cd_archive *archive = cd_alloc_zeroed(1, sizeof *archive);
    if (!archive) return NULL;
    if (!cd_source_open(&archive->source, path)) {
        cd_free(archive);
        return NULL;
    }
    archive->path = path;
    return open_source(archive, limits);
}

cd_archive *cd_archive_open(const char *path)
{
    return cd_archive_open_with(path, NULL);
}

cd_archive *cd_archive_open_memory(const char *label, const void *data, size_t size,
                                   const cd_archive_limits *limits)
{
    cd_archive *archive = cd_alloc_zeroed(1, sizeof *archive);
    if (!archive) return NULL;
    cd_source_borrow(&archive->source, label, data, size);
    return open_source(archive, limits);
}

void cd_archive_close(cd_archive *archive)
{
    if (!archive) return;
    cd_free(archive->entries);
    cd_free(archive->metadata);
    cd_free(archive->storages);
    cd_free(archive->by_name);
    cd_text_pool_free(&archive->texts);
    cd_bytes_release(&archive->description, &archive->budget);
    cd_source_close(&archive->source);
    cd_free(archive);
}

/* --- filling ---------------------------------------------------------------------------------- */

static bool check_name(cd_archive *archive, const void *name, size_t size, uint64_t offset)
{
    char shown[64];
    if (size > CD_ARCHIVE_NAME_BYTES) {
        return cd_bytes_fail(&archive->description, CD_ERR_FORMAT, offset,
                             "a tensor's name has %zu bytes; up to %d are allowed", size,
                             CD_ARCHIVE_NAME_BYTES);
    }
    if (memchr(name, 0, size) || !cd_utf8_valid(name, size)) {
        return cd_bytes_fail(&archive->description, CD_ERR_FORMAT, offset,
                             "the tensor's name \"%s\" holds a NUL or is not UTF-8",
                             cd_printable(shown, sizeof shown, name, size));
    }
    return true;
}

cd_archive_entry *cd_archive_add(cd_archive *archive, const void *name, size_t size,
                                 uint64_t offset)
{
    if (!check_name(archive, name, size, offset)) return NULL;
    if (archive->count >= archive->limits.entries) {
        (void)cd_bytes_fail(&archive->description, CD_ERR_MEMORY, offset,
                            "more than %zu tensors, the limit", archive->limits.entries);
        return NULL;
    }
    if (!cd_budget_grow(&archive->budget, &archive->entries, &archive->capacity, archive->count + 1,
                        sizeof *archive->entries)) {
        return NULL;
    }
    cd_archive_entry *entry = &archive->entries[archive->count];
    *entry = (cd_archive_entry){ .dtype = CD_FILE_NONE };
    entry->name = cd_text_pool_copy(&archive->texts, &archive->budget, name, size);
    if (!entry->name) return NULL;
    archive->count++;
    return entry;
}

bool cd_archive_add_metadata(cd_archive *archive, const void *key, size_t key_size,
                             const void *value, size_t value_size)
{
    if (!cd_budget_grow(&archive->budget, &archive->metadata, &archive->metadata_capacity,
                        archive->metadata_count + 1, sizeof *archive->metadata)) {
        return false;
    }
    cd_text_pair *pair = &archive->metadata[archive->metadata_count];
    pair->key = cd_text_pool_copy(&archive->texts, &archive->budget, key, key_size);
    pair->value = cd_text_pool_copy(&archive->texts, &archive->budget, value, value_size);
    if (!pair->key || !pair->value) return false;
    archive->metadata_count++;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    const cd_archive_entry *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* The tensors, all together, must stay within the limit: an expanded view (stride 0) of a few bytes
 * can ask for terabytes. */
static bool check_tensor_bytes(const cd_archive *archive)
{
    size_t total = 0;
    for (size_t i = 0; i < archive->count; i++) {
        const cd_archive_entry *entry = &archive->entries[i];
        size_t bytes, size = ((size_t)cd_file_dtype_bits(entry->dtype) + 7) / 8;
        if (!cd_checked_bytes(entry->elements, size, &bytes) ||
            !cd_checked_add(total, bytes, &total) || total > archive->limits.tensor_bytes) {
            char shown[64], text[CD_SHAPE_TEXT];
            return cd_fail(CD_ERR_MEMORY,
                           "%s: up to the tensor \"%s\" (%s of %s) the tensors take more than the "
                           "%zu bytes allowed for this file",
                           archive->description.label,
                           cd_printable(shown, sizeof shown, entry->name, strlen(entry->name)),
                           cd_shape_text(entry->shape, text), cd_file_dtype_name(entry->dtype),
                           archive->limits.tensor_bytes);
        }
    }
    return true;
}

bool cd_archive_name_twice(const cd_archive *archive, const char *name)
{
    char shown[64];
    return cd_fail(CD_ERR_FORMAT, "%s: two tensors are called \"%s\"", archive->source.label,
                   cd_printable(shown, sizeof shown, name, strlen(name)));
}

bool cd_archive_finish(cd_archive *archive)
{
    if (!check_tensor_bytes(archive)) return false;
    if (!cd_budget_grow(&archive->budget, &archive->by_name, &archive->by_name_capacity,
                        archive->count, sizeof *archive->by_name)) {
        return false;
    }
    for (size_t i = 0; i < archive->count; i++) archive->by_name[i] = &archive->entries[i];
    if (archive->count) {
        qsort(archive->by_name, archive->count, sizeof *archive->by_name, compare_names);
    }
    for (size_t i = 1; i < archive->count; i++) {
        const char *name = archive->by_name[i]->name;
        if (strcmp(archive->by_name[i - 1]->name, name) == 0) {
            return cd_archive_name_twice(archive, name);
        }
    }
    return true;
}

/* --- looking up ------------------------------------------------------------------------------- */

/* Binary search in by_name: the index of the first entry whose name, cut to `size` bytes, is >=
 * text. With `above`: the first whose cut name is > text. */
static size_t lower_bound(const cd_archive *archive, const char *text, size_t size, bool above)
{
    size_t low = 0, high = archive->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strncmp(archive->by_name[middle]->name, text, size);
        if (order < 0 || (above && order == 0)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

cd_archive_subset cd_archive_with_prefix(const cd_archive *archive, const char *prefix)
{
    size_t size = strlen(prefix), from = lower_bound(archive, prefix, size, false);
    size_t to = lower_bound(archive, prefix, size, true);
    /* A name that is the prefix itself sorts first and does not belong to the subset. */
    if (size > 0 && from < to && archive->by_name[from]->name[size] == '\0') from++;
    return (cd_archive_subset){ .entries = to > from ? archive->by_name + from : NULL,
                                .count = to - from,
                                .prefix_size = size };
}

const cd_archive_entry *cd_archive_subset_find(const cd_archive_subset *subset, const char *name)
{
    size_t low = 0, high = subset->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, subset->entries[middle]->name + subset->prefix_size);
        if (order == 0) return subset->entries[middle];
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* A prefix that the first and the last of sorted names share is shared by all between them. */
bool cd_archive_subset_narrow(cd_archive_subset *subset)
{
    if (subset->count == 0) return false;
    const char *first = subset->entries[0]->name + subset->prefix_size;
    const char *last = subset->entries[subset->count - 1]->name + subset->prefix_size;
    const char *dot = strchr(first, '.');
    size_t size = dot ? (size_t)(dot - first) + 1 : 0;
    if (size == 0 || first[size] == '\0' || strncmp(first, last, size) != 0) return false;
    subset->prefix_size += size;
    return true;
}

const cd_archive_entry *cd_archive_find(const cd_archive *archive, const char *name)
{
    const cd_archive_subset all = cd_archive_with_prefix(archive, "");
    return cd_archive_subset_find(&all, name);
}

const char *cd_archive_metadata(const cd_archive *archive, const char *key)
{
    for (size_t i = 0; i < archive->metadata_count; i++) {
        if (strcmp(archive->metadata[i].key, key) == 0) return archive->metadata[i].value;
    }
    return NULL;
}
