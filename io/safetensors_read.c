/* Steps 3 to 6 of cd_load (checkpoint.c) for a safetensors file, whose layout
 * safetensors_internal.h shows.
 *
 * Read strictly, as by the reference (safetensors/src/tensor.rs): the header is one JSON object;
 * every tensor has exactly dtype, shape and data_offsets; its shape and dtype need as many bytes as
 * its offsets span; and the data of all tensors cover the rest of the file without hole or overlap.
 * A name or key that is there twice is an error, which the reference leaves open. The header is
 * scanned in place and never made into a tree. */
#include <stdlib.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/file_format_internal.h"
#include "io/json_scan_internal.h"
#include "io/safetensors_internal.h"

/* The object that describes one tensor (TensorInfo in the reference). */
typedef struct tensor_info {
    bool has_dtype, has_shape, has_offsets;
    cd_file_dtype dtype;
    int rank;
    uint64_t dim[CD_MAX_DIMS];
    uint64_t begin, end; /* data_offsets */
} tensor_info;

/* Sets an error about the tensor of this name, at the JSON's position. Returns false. */
static bool tensor_fails(const cd_archive *archive, const cd_cursor *json, cd_code code,
                         const cd_json_text *name, const char *sentence)
{
    char shown[64];
    return cd_bytes_fail(&archive->description, code, json->at, "tensor \"%s\": %s",
                         cd_printable(shown, sizeof shown, name->raw, name->raw_size), sentence);
}

/* --- the header's grammar --------------------------------------------------------------------- */

static bool read_dtype(cd_archive *archive, cd_cursor *json, const cd_json_text *name,
                       tensor_info *info)
{
    cd_json_text text;
    if (!cd_json_string(json, &text)) return false;
    char dtype[16] = "";
    if (cd_json_decode_into(&text, dtype, sizeof dtype)) info->dtype = cd_file_dtype_named(dtype);
    info->has_dtype = true;
    if (info->dtype != CD_FILE_NONE && info->dtype != CD_FILE_C128) return true;
    char shown[64], shown_dtype[32];
    return cd_bytes_fail(&archive->description, CD_ERR_FORMAT, json->at,
                         "tensor \"%s\": the dtype \"%s\" is not known",
                         cd_printable(shown, sizeof shown, name->raw, name->raw_size),
                         cd_printable(shown_dtype, sizeof shown_dtype, text.raw, text.raw_size));
}

static bool read_shape(cd_archive *archive, cd_cursor *json, const cd_json_text *name,
                       tensor_info *info)
{
    if (!cd_json_expect(json, '[')) return false;
    bool more;
    for (info->rank = 0;; info->rank++) {
        if (!cd_json_next(json, ']', info->rank == 0, &more)) return false;
        if (!more) break;
        uint64_t size;
        if (!cd_json_unsigned(json, &size)) return false;
        if (info->rank == CD_MAX_DIMS) {
            return tensor_fails(archive, json, CD_ERR_UNSUPPORTED, name,
                                "it has more than 8 dimensions, and tensors here have up to 8");
        }
        info->dim[info->rank] = size;
    }
    info->has_shape = true;
    return true;
}

static bool read_offsets(cd_cursor *json, tensor_info *info)
{
    info->has_offsets = true;
    return cd_json_expect(json, '[') && cd_json_unsigned(json, &info->begin) &&
           cd_json_expect(json, ',') && cd_json_unsigned(json, &info->end) &&
           cd_json_expect(json, ']');
}

static bool read_field(cd_archive *archive, cd_cursor *json, const cd_json_text *name,
                       tensor_info *info)
{
    cd_json_text key;
    if (!cd_json_string(json, &key) || !cd_json_expect(json, ':')) return false;
    char field[16] = "";
    (void)cd_json_decode_into(&key, field, sizeof field);
    bool *seen = strcmp(field, "dtype") == 0          ? &info->has_dtype
                 : strcmp(field, "shape") == 0        ? &info->has_shape
                 : strcmp(field, "data_offsets") == 0 ? &info->has_offsets
                                                      : NULL;
    if (!seen || *seen) {
        return tensor_fails(
            archive, json, CD_ERR_FORMAT, name,
            "it must have dtype, shape and data_offsets, each once, and nothing else");
    }
    if (seen == &info->has_dtype) return read_dtype(archive, json, name, info);
    if (seen == &info->has_shape) return read_shape(archive, json, name, info);
    return read_offsets(json, info);
}

static bool read_tensor_info(cd_archive *archive, cd_cursor *json, const cd_json_text *name,
                             tensor_info *info)
{
    *info = (tensor_info){ .rank = 0 };
    if (!cd_json_expect(json, '{')) return false;
    bool more;
    for (bool first = true;; first = false) {
        if (!cd_json_next(json, '}', first, &more)) return false;
        if (!more) break;
        if (!read_field(archive, json, name, info)) return false;
    }
    if (info->has_dtype && info->has_shape && info->has_offsets) return true;
    return tensor_fails(archive, json, CD_ERR_FORMAT, name,
                        "its dtype, shape or data_offsets is missing");
}

/* --- from tensor_info to entry ---------------------------------------------------------------- */

/* Shape, number of elements, and the strides of row-major order. False when a size, or the number
 * of elements, is above INT64_MAX. */
static bool set_shape(cd_archive_entry *entry, const tensor_info *info)
{
    entry->shape.ndim = info->rank;
    for (int i = 0; i < info->rank; i++) {
        if (info->dim[i] > INT64_MAX) return false;
        entry->shape.dim[i] = (int64_t)info->dim[i];
    }
    if (!cd_shape_elements(entry->shape, &entry->elements)) return false;
    int64_t stride = 1;
    for (int i = info->rank - 1; i >= 0; i--) {
        entry->stride[i] = stride;
        stride *= info->dim[i] > 0 ? entry->shape.dim[i] : 1;
    }
    return true;
}

/* Adds the tensor to the archive after checking its offsets. `data_offset` is where the data area
 * begins in the file. */
static bool add_entry(cd_archive *archive, const cd_cursor *json, const cd_json_text *name,
                      const tensor_info *info, uint64_t data_offset)
{
    char *decoded = cd_text_pool_alloc(&archive->texts, &archive->budget, name->decoded_size + 1);
    if (!decoded) return false;
    cd_json_decode(name, decoded);
    cd_archive_entry *entry = cd_archive_add(archive, decoded, name->decoded_size, json->at);
    if (!entry) return false;
    entry->dtype = info->dtype;
    uint64_t bits, data_size = archive->source.size - data_offset;
    if (!set_shape(entry, info) ||
        __builtin_mul_overflow((uint64_t)entry->elements, (uint64_t)cd_file_dtype_bits(info->dtype),
                               &bits)) {
        return tensor_fails(archive, json, CD_ERR_FORMAT, name,
                            "a size of its shape, or the number of its bytes, overflows 63 bits");
    }
    if (bits % 8 != 0) {
        return tensor_fails(archive, json, CD_ERR_FORMAT, name, "it does not end at a whole byte");
    }
    if (info->begin > info->end || info->end > data_size) {
        return tensor_fails(archive, json, CD_ERR_FORMAT, name,
                            "its data_offsets do not lie in the file: it is cut short or damaged");
    }
    if (info->end - info->begin != bits / 8) {
        char shown[64];
        return cd_bytes_fail(&archive->description, CD_ERR_FORMAT, json->at,
                             "tensor \"%s\": its data_offsets span %llu bytes, its shape and dtype "
                             "need %llu",
                             cd_printable(shown, sizeof shown, name->raw, name->raw_size),
                             (unsigned long long)(info->end - info->begin),
                             (unsigned long long)(bits / 8));
    }
    entry->offset = data_offset + info->begin;
    entry->bytes = info->end - info->begin;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const cd_text_pair *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static bool add_text(cd_archive *archive, const cd_json_text *key, const cd_json_text *value)
{
    char *first = cd_text_pool_alloc(&archive->texts, &archive->budget,
                                     key->decoded_size + value->decoded_size + 2);
    if (!first) return false;
    char *second = first + key->decoded_size + 1;
    cd_json_decode(key, first);
    cd_json_decode(value, second);
    first[key->decoded_size] = '\0';
    second[value->decoded_size] = '\0';
    if (!cd_budget_grow(&archive->budget, &archive->metadata, &archive->metadata_capacity,
                        archive->metadata_count + 1, sizeof *archive->metadata)) {
        return false;
    }
    archive->metadata[archive->metadata_count++] = (cd_text_pair){ .key = first, .value = second };
    return true;
}

/* "__metadata__": null, which some writers have in place of an empty object; the safetensors
 * package reads it too. */
static bool read_null(cd_cursor *json)
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

/* Sorts the metadata by key; equal keys are an error. `start` is where the metadata
 * begin, for the message. */
static bool check_metadata_keys(cd_archive *archive, size_t start)
{
    if (archive->metadata_count == 0) return true;
    qsort(archive->metadata, archive->metadata_count, sizeof *archive->metadata, compare_keys);
    for (size_t i = 1; i < archive->metadata_count; i++) {
        const char *key = archive->metadata[i].key;
        if (strcmp(archive->metadata[i - 1].key, key) != 0) continue;
        char shown[64];
        return cd_bytes_fail(&archive->description, CD_ERR_FORMAT, start,
                             "the metadata have \"%s\" twice",
                             cd_printable(shown, sizeof shown, key, strlen(key)));
    }
    return true;
}

/* Called for a key or text with a NUL, which no C string can hold: such metadata are
 * dropped. Only "candela.format" may not be dropped, because without it the file would
 * pass for one of format 0. */
static bool may_be_dropped(const cd_archive *archive, const cd_cursor *json,
                           const cd_json_text *key)
{
    char name[sizeof CD_KEY_FORMAT];
    if (!cd_json_decode_into(key, name, sizeof name) || strcmp(name, CD_KEY_FORMAT) != 0) {
        return true;
    }
    return cd_bytes_fail(&archive->description, CD_ERR_FORMAT, json->at,
                         CD_KEY_FORMAT " holds a NUL character, and must be a whole number");
}

static bool read_metadata(cd_archive *archive, cd_cursor *json)
{
    if (cd_json_peek(json) == 'n') return read_null(json);
    size_t start = json->at, dropped = 0;
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
            if (!may_be_dropped(archive, json, &key)) return false;
            dropped++;
        } else if (!add_text(archive, &key, &value)) {
            return false;
        }
    }
    if (dropped > 0) {
        cd_log_line(CD_LOG_WARNING,
                    "%s: texts of its metadata hold a NUL character and are left out: %zu",
                    archive->source.label, dropped);
    }
    return check_metadata_keys(archive, start);
}

static bool is_metadata(const cd_json_text *name)
{
    char text[16];
    return cd_json_decode_into(name, text, sizeof text) && strcmp(text, "__metadata__") == 0;
}

/* --- the file --------------------------------------------------------------------------------- */

static bool read_header(cd_archive *archive, cd_cursor *json, uint64_t data_offset)
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
                return tensor_fails(archive, json, CD_ERR_FORMAT, &name, "it is there twice");
            has_metadata = true;
            if (!read_metadata(archive, json)) return false;
            continue;
        }
        tensor_info info;
        if (!read_tensor_info(archive, json, &name, &info) ||
            !add_entry(archive, json, &name, &info, data_offset)) {
            return false;
        }
    }
    return cd_json_end(json);
}

static int compare_extents(const void *a, const void *b)
{
    const cd_archive_entry *x = a, *y = b;
    if (x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int compare_entry_names(const void *a, const void *b)
{
    const cd_archive_entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* Sets the error for entry i, whose data do not begin at `next`, where those before it end. When
 * two tensors have the same name, the error says that instead, which helps more. Returns false. */
static bool coverage_fails(cd_archive *archive, size_t i, uint64_t next)
{
    cd_archive_entry wrong = archive->entries[i];
    char shown[64];
    cd_printable(shown, sizeof shown, wrong.name, strlen(wrong.name));
    qsort(archive->entries, archive->count, sizeof *archive->entries, compare_entry_names);
    for (size_t k = 1; k < archive->count; k++) {
        if (compare_entry_names(&archive->entries[k - 1], &archive->entries[k]) != 0) continue;
        return cd_archive_name_twice(archive, archive->entries[k].name);
    }
    return cd_source_fail(&archive->source, CD_ERR_FORMAT, wrong.offset,
                          "the data of \"%s\" %s those before", shown,
                          wrong.offset < next ? "overlap" : "leave a hole after");
}

/* Sorts the entries by the position of their data, and checks that the data follow each other
 * without hole or overlap from `data_offset` to the end of the file. */
static bool check_coverage(cd_archive *archive, uint64_t data_offset)
{
    if (archive->count) {
        qsort(archive->entries, archive->count, sizeof *archive->entries, compare_extents);
    }
    uint64_t next = data_offset;
    for (size_t i = 0; i < archive->count; i++) {
        if (archive->entries[i].offset != next) return coverage_fails(archive, i, next);
        next += archive->entries[i].bytes;
    }
    if (next == archive->source.size) return true;
    uint64_t rest = archive->source.size - next;
    return cd_source_fail(&archive->source, CD_ERR_FORMAT, next,
                          "%llu byte%s the last tensor's data, and none should",
                          (unsigned long long)rest, rest == 1 ? " follows" : "s follow");
}

/* Reads the header's length, which must be within the format's limit and the file. */
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
        !cd_source_piece(&archive->source, 8, length, &archive->budget, &archive->description)) {
        return false;
    }
    cd_cursor json = cd_cursor_over(&archive->description);
    return read_header(archive, &json, 8 + length) && check_coverage(archive, 8 + length);
}
