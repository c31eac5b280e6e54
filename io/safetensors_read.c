/* safetensors: u64 length, JSON header, data. The header is read strictly: every tensor has exactly
 * dtype, shape and data_offsets, and their data cover the rest of the file without hole or overlap.
 */
#include <stdlib.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/file_format_internal.h"
#include "io/json_scan_internal.h"
#include "io/safetensors_internal.h"

/* What one tensor's object says. */
typedef struct description {
    bool has_dtype, has_shape, has_offsets;
    cd_file_dtype dtype;
    int rank;
    uint64_t dim[CD_MAX_DIMS];
    uint64_t begin, end;
} description;

static bool fail_at(const cd_archive *archive, const cd_cursor *json, cd_code code,
                    const cd_json_text *name, const char *sentence)
{
    char shown[64];
    return cd_bytes_fail(&archive->bytes, code, json->at, "tensor \"%s\": %s",
                         cd_printable(shown, sizeof shown, name->at, name->size), sentence);
}

/* --- the header's grammar --------------------------------------------------------------------- */

static bool read_dtype(cd_archive *archive, cd_cursor *json, const cd_json_text *name,
                       description *d)
{
    cd_json_text text;
    if (!cd_json_string(json, &text)) return false;
    char dtype[16] = "";
    if (cd_json_decode_into(&text, dtype, sizeof dtype)) d->dtype = cd_file_dtype_named(dtype);
    d->has_dtype = true;
    if (d->dtype != CD_FILE_NONE && d->dtype != CD_FILE_C128) return true;
    char shown[64], shown_dtype[32];
    return cd_bytes_fail(&archive->bytes, CD_ERR_FORMAT, json->at,
                         "tensor \"%s\": the dtype \"%s\" is not known",
                         cd_printable(shown, sizeof shown, name->at, name->size),
                         cd_printable(shown_dtype, sizeof shown_dtype, text.at, text.size));
}

static bool read_shape(cd_archive *archive, cd_cursor *json, const cd_json_text *name,
                       description *d)
{
    if (!cd_json_expect(json, '[')) return false;
    bool more;
    for (d->rank = 0;; d->rank++) {
        if (!cd_json_next(json, ']', d->rank == 0, &more)) return false;
        if (!more) break;
        uint64_t size;
        if (!cd_json_unsigned(json, &size)) return false;
        if (d->rank == CD_MAX_DIMS) {
            return fail_at(archive, json, CD_ERR_UNSUPPORTED, name,
                           "it has more than 8 dimensions, and tensors here have up to 8");
        }
        d->dim[d->rank] = size;
    }
    d->has_shape = true;
    return true;
}

static bool read_offsets(cd_cursor *json, description *d)
{
    d->has_offsets = true;
    return cd_json_expect(json, '[') && cd_json_unsigned(json, &d->begin) &&
           cd_json_expect(json, ',') && cd_json_unsigned(json, &d->end) &&
           cd_json_expect(json, ']');
}

static bool read_field(cd_archive *archive, cd_cursor *json, const cd_json_text *name,
                       description *d)
{
    cd_json_text key;
    if (!cd_json_string(json, &key) || !cd_json_expect(json, ':')) return false;
    char field[16] = "";
    (void)cd_json_decode_into(&key, field, sizeof field);
    bool *seen = strcmp(field, "dtype") == 0          ? &d->has_dtype
                 : strcmp(field, "shape") == 0        ? &d->has_shape
                 : strcmp(field, "data_offsets") == 0 ? &d->has_offsets
                                                      : NULL;
    if (!seen || *seen) {
        return fail_at(archive, json, CD_ERR_FORMAT, name,
                       "it must have dtype, shape and data_offsets, each once, and nothing else");
    }
    if (seen == &d->has_dtype) return read_dtype(archive, json, name, d);
    if (seen == &d->has_shape) return read_shape(archive, json, name, d);
    return read_offsets(json, d);
}

static bool read_description(cd_archive *archive, cd_cursor *json, const cd_json_text *name,
                             description *d)
{
    *d = (description){ .rank = 0 };
    if (!cd_json_expect(json, '{')) return false;
    bool more;
    for (bool first = true;; first = false) {
        if (!cd_json_next(json, '}', first, &more)) return false;
        if (!more) break;
        if (!read_field(archive, json, name, d)) return false;
    }
    if (d->has_dtype && d->has_shape && d->has_offsets) return true;
    return fail_at(archive, json, CD_ERR_FORMAT, name,
                   "its dtype, shape or data_offsets is missing");
}

/* --- from description to entry -----------------------------------------------------------------
 */

/* False when a size, or the number of elements, is above INT64_MAX. */
static bool set_shape(cd_archive_entry *entry, const description *d)
{
    entry->shape.ndim = d->rank;
    for (int i = 0; i < d->rank; i++) {
        if (d->dim[i] > INT64_MAX) return false;
        entry->shape.dim[i] = (int64_t)d->dim[i];
    }
    if (!cd_shape_elements(entry->shape, &entry->elements)) return false;
    int64_t stride = 1;
    for (int i = d->rank - 1; i >= 0; i--) {
        entry->stride[i] = stride;
        stride *= d->dim[i] > 0 ? entry->shape.dim[i] : 1;
    }
    return true;
}

static bool add_entry(cd_archive *archive, const cd_cursor *json, const cd_json_text *name,
                      const description *d, uint64_t data_at)
{
    char *decoded = cd_text_pool_room(&archive->texts, &archive->budget, name->decoded + 1);
    if (!decoded) return false;
    cd_json_decode(name, decoded);
    cd_archive_entry *entry = cd_archive_add(archive, decoded, name->decoded, json->at);
    if (!entry) return false;
    entry->dtype = d->dtype;
    uint64_t bits, data_size = archive->source.size - data_at;
    if (!set_shape(entry, d) ||
        __builtin_mul_overflow((uint64_t)entry->elements, (uint64_t)cd_file_dtype_bits(d->dtype),
                               &bits)) {
        return fail_at(archive, json, CD_ERR_FORMAT, name,
                       "a size of its shape, or the number of its bytes, overflows 63 bits");
    }
    if (bits % 8 != 0) {
        return fail_at(archive, json, CD_ERR_FORMAT, name, "it does not end at a whole byte");
    }
    if (d->begin > d->end || d->end > data_size) {
        return fail_at(archive, json, CD_ERR_FORMAT, name,
                       "its data_offsets do not lie in the file: it is cut short or damaged");
    }
    if (d->end - d->begin != bits / 8) {
        char shown[64];
        return cd_bytes_fail(&archive->bytes, CD_ERR_FORMAT, json->at,
                             "tensor \"%s\": its data_offsets span %llu bytes, its shape and dtype "
                             "need %llu",
                             cd_printable(shown, sizeof shown, name->at, name->size),
                             (unsigned long long)(d->end - d->begin),
                             (unsigned long long)(bits / 8));
    }
    entry->at = data_at + d->begin;
    entry->bytes = d->end - d->begin;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const cd_text_pair *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static bool add_text(cd_archive *archive, const cd_json_text *key, const cd_json_text *value)
{
    char *room =
        cd_text_pool_room(&archive->texts, &archive->budget, key->decoded + value->decoded + 2);
    if (!room) return false;
    char *second = room + key->decoded + 1;
    cd_json_decode(key, room);
    cd_json_decode(value, second);
    room[key->decoded] = '\0';
    second[value->decoded] = '\0';
    if (!cd_budget_grow(&archive->budget, &archive->metadata, &archive->metadata_capacity,
                        archive->metadata_count + 1, sizeof *archive->metadata)) {
        return false;
    }
    archive->metadata[archive->metadata_count++] = (cd_text_pair){ .key = room, .value = second };
    return true;
}

/* null, which some writers put where they have no metadata; the safetensors package reads it too.
 */
static bool read_no_metadata(cd_cursor *json)
{
    static const char word[] = "null";
    for (size_t i = 0; i < sizeof word - 1; i++) {
        if (json->at == json->end || json->bytes->data[json->at] != word[i]) {
            return cd_bytes_fail(json->bytes, CD_ERR_FORMAT, json->at,
                                 "the JSON header: the metadata must be an object of strings, or "
                                 "null");
        }
        json->at++;
    }
    return true;
}

static bool check_keys(cd_archive *archive, size_t start)
{
    if (archive->metadata_count == 0) return true;
    qsort(archive->metadata, archive->metadata_count, sizeof *archive->metadata, compare_keys);
    for (size_t i = 1; i < archive->metadata_count; i++) {
        const char *key = archive->metadata[i].key;
        if (strcmp(archive->metadata[i - 1].key, key) != 0) continue;
        char shown[64];
        return cd_bytes_fail(&archive->bytes, CD_ERR_FORMAT, start,
                             "the metadata have \"%s\" twice",
                             cd_printable(shown, sizeof shown, key, strlen(key)));
    }
    return true;
}

/* A text that no C string can hold is left out, but for one: without it a file would pass for one
 * of format 0. */
static bool may_lack(const cd_archive *archive, const cd_cursor *json, const cd_json_text *key)
{
    char name[sizeof CD_KEY_FORMAT];
    if (!cd_json_decode_into(key, name, sizeof name) || strcmp(name, CD_KEY_FORMAT) != 0) {
        return true;
    }
    return cd_bytes_fail(&archive->bytes, CD_ERR_FORMAT, json->at,
                         CD_KEY_FORMAT " holds a NUL character, and must be a whole number");
}

static bool read_metadata(cd_archive *archive, cd_cursor *json)
{
    if (cd_json_peek(json) == 'n') return read_no_metadata(json);
    size_t start = json->at, left_out = 0;
    if (!cd_json_expect(json, '{')) return false;
    bool more;
    for (bool first = true;; first = false) {
        if (!cd_json_next(json, '}', first, &more)) return false;
        if (!more) break;
        cd_json_text key, value;
        if (!cd_json_string(json, &key) || !cd_json_expect(json, ':') ||
            !cd_json_string(json, &value)) {
            return false;
        }
        if (key.has_nul || value.has_nul) {
            if (!may_lack(archive, json, &key)) return false;
            left_out++;
        } else if (!add_text(archive, &key, &value)) {
            return false;
        }
    }
    if (left_out > 0) {
        cd_log_line(CD_LOG_WARNING,
                    "%s: texts of its metadata hold a NUL character and are left out: %zu",
                    archive->source.label, left_out);
    }
    return check_keys(archive, start);
}

static bool is_metadata(const cd_json_text *name)
{
    char text[16];
    return cd_json_decode_into(name, text, sizeof text) && strcmp(text, "__metadata__") == 0;
}

/* --- the file --------------------------------------------------------------------------------- */

static bool read_header(cd_archive *archive, cd_cursor *json, uint64_t data_at)
{
    if (!cd_json_expect(json, '{')) return false;
    bool more, has_metadata = false;
    for (bool first = true;; first = false) {
        if (!cd_json_next(json, '}', first, &more)) return false;
        if (!more) break;
        cd_json_text name;
        if (!cd_json_string(json, &name) || !cd_json_expect(json, ':')) return false;
        if (is_metadata(&name)) {
            if (has_metadata)
                return fail_at(archive, json, CD_ERR_FORMAT, &name, "it is there twice");
            has_metadata = true;
            if (!read_metadata(archive, json)) return false;
            continue;
        }
        description d;
        if (!read_description(archive, json, &name, &d) ||
            !add_entry(archive, json, &name, &d, data_at)) {
            return false;
        }
    }
    return cd_json_end(json);
}

static int compare_extents(const void *a, const void *b)
{
    const cd_archive_entry *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int compare_entry_names(const void *a, const void *b)
{
    const cd_archive_entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* Data that do not follow on each other; a name that is there twice is the reason that helps more.
 */
static bool cover_fails(cd_archive *archive, size_t i, uint64_t next)
{
    cd_archive_entry wrong = archive->entries[i];
    char shown[64];
    cd_printable(shown, sizeof shown, wrong.name, strlen(wrong.name));
    qsort(archive->entries, archive->count, sizeof *archive->entries, compare_entry_names);
    for (size_t k = 1; k < archive->count; k++) {
        if (compare_entry_names(&archive->entries[k - 1], &archive->entries[k]) != 0) continue;
        return cd_archive_name_twice(archive, archive->entries[k].name);
    }
    return cd_source_fail(&archive->source, CD_ERR_FORMAT, wrong.at,
                          "the data of \"%s\" %s those before", shown,
                          wrong.at < next ? "overlap" : "leave a hole after");
}

/* Sorts the entries by their data, which must follow on each other from first to last byte. */
static bool check_cover(cd_archive *archive, uint64_t data_at)
{
    if (archive->count) {
        qsort(archive->entries, archive->count, sizeof *archive->entries, compare_extents);
    }
    uint64_t next = data_at;
    for (size_t i = 0; i < archive->count; i++) {
        if (archive->entries[i].at != next) return cover_fails(archive, i, next);
        next += archive->entries[i].bytes;
    }
    if (next == archive->source.size) return true;
    uint64_t rest = archive->source.size - next;
    return cd_source_fail(&archive->source, CD_ERR_FORMAT, next,
                          "%llu byte%s the last tensor's data, and none should",
                          (unsigned long long)rest, rest == 1 ? " follows" : "s follow");
}

/* The header's length, which the file must have. */
static bool read_length(const cd_source *source, uint64_t *length)
{
    enum { SIZE = 8 };
    unsigned char bytes[SIZE];
    if (source->size < SIZE) {
        return cd_source_fail(source, CD_ERR_FORMAT, 0,
                              "safetensors' header length takes 8 bytes, but %llu are left: the "
                              "file is cut short or damaged",
                              (unsigned long long)source->size);
    }
    if (!cd_source_read(source, 0, bytes, SIZE)) return false;
    *length = cd_load_le(bytes, SIZE);
    if (*length > CD_SAFETENSORS_HEADER_MAX) {
        return cd_source_fail(
            source, CD_ERR_FORMAT, 0, "the header claims %llu bytes, and the format allows %llu",
            (unsigned long long)*length, (unsigned long long)CD_SAFETENSORS_HEADER_MAX);
    }
    if (*length <= source->size - SIZE) return true;
    return cd_source_fail(source, CD_ERR_FORMAT, SIZE,
                          "safetensors' header takes %llu bytes, but %llu are left: the file is "
                          "cut short or damaged",
                          (unsigned long long)*length, (unsigned long long)(source->size - SIZE));
}

bool cd_safetensors_read(cd_archive *archive)
{
    archive->kind = "safetensors";
    uint64_t length = 0;
    if (!read_length(&archive->source, &length) ||
        !cd_source_piece(&archive->source, 8, length, &archive->budget, &archive->bytes)) {
        return false;
    }
    cd_cursor json = cd_cursor_over(&archive->bytes);
    return read_header(archive, &json, 8 + length) && check_cover(archive, 8 + length);
}
