/* Writes safetensors files, for cd_save. First everything is checked and sorted (the plan), then
 * the header is made in memory, then header and data go to an atomic file. The bytes are those that
 * the safetensors package writes for the same tensors. */
#include <stdlib.h>
#include <string.h>

#include "core/memory_internal.h"
#include "io/atomic_file_internal.h"
#include "io/budget_internal.h"
#include "io/file_ending_internal.h"
#include "io/json_write_internal.h"
#include "io/safetensors_internal.h"

/* --- checks and order ------------------------------------------------------------------------- */

/* A checked tensor. */
typedef struct file_tensor {
    const cd_file_item *item; /* the caller's */
    size_t bytes;             /* of all elements */
    int width;                /* of an element, in bytes */
} file_tensor;

typedef struct plan {
    file_tensor *tensors; /* in the order of the file */
    size_t tensor_count;
    const cd_text_pair **texts; /* sorted by key */
    size_t text_count;
} plan;

static bool check_item(const cd_file_item *item, file_tensor *out)
{
    if (!item->name || !*item->name || !cd_utf8_valid(item->name, strlen(item->name)) ||
        strcmp(item->name, "__metadata__") == 0) {
        return cd_fail(
            CD_ERR_ARGUMENT,
            "safetensors: a tensor's name must be UTF-8, not empty and not __metadata__");
    }
    int bits = cd_file_dtype_bits(item->dtype);
    if (bits < 8 || item->dtype == CD_FILE_C128) {
        return cd_fail(CD_ERR_DTYPE, "safetensors: \"%s\" has the dtype %s, which is not written",
                       item->name, cd_file_dtype_name(item->dtype));
    }
    int64_t elements;
    char shown[CD_SHAPE_TEXT];
    *out = (file_tensor){ .item = item, .width = bits / 8 };
    if (!cd_shape_elements(item->shape, &elements) ||
        !cd_checked_bytes(elements, (size_t)out->width, &out->bytes)) {
        return cd_fail(CD_ERR_SHAPE, "safetensors: \"%s\" has a shape that cannot be, %s",
                       item->name, cd_shape_text(item->shape, shown));
    }
    if (!item->data && out->bytes) {
        return cd_fail(CD_ERR_ARGUMENT, "safetensors: the data of \"%s\" are NULL", item->name);
    }
    return true;
}

static int compare_by_name(const void *a, const void *b)
{
    const file_tensor *x = a, *y = b;
    return strcmp(x->item->name, y->item->name);
}

/* cd_file_dtype lists dtypes from wide to narrow. */
static int compare_in_file_order(const void *a, const void *b)
{
    const file_tensor *x = a, *y = b;
    if (x->item->dtype != y->item->dtype) return x->item->dtype < y->item->dtype ? -1 : 1;
    return compare_by_name(a, b);
}

static int compare_texts(const void *a, const void *b)
{
    const cd_text_pair *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

static bool plan_tensors(plan *p, const cd_file_item *items)
{
    for (size_t i = 0; i < p->tensor_count; i++) {
        if (!check_item(&items[i], &p->tensors[i])) return false;
    }
    if (p->tensor_count == 0) return true;
    qsort(p->tensors, p->tensor_count, sizeof *p->tensors, compare_by_name);
    for (size_t i = 1; i < p->tensor_count; i++) {
        if (compare_by_name(&p->tensors[i - 1], &p->tensors[i]) == 0) {
            return cd_fail(CD_ERR_ARGUMENT, "safetensors: two tensors are called \"%s\"",
                           p->tensors[i].item->name);
        }
    }
    qsort(p->tensors, p->tensor_count, sizeof *p->tensors, compare_in_file_order);
    return true;
}

static bool plan_texts(plan *p, const cd_text_pair *texts)
{
    for (size_t i = 0; i < p->text_count; i++) {
        const cd_text_pair *t = p->texts[i] = &texts[i];
        if (!t->key || !t->value || !cd_utf8_valid(t->key, strlen(t->key)) ||
            !cd_utf8_valid(t->value, strlen(t->value))) {
            return cd_fail(CD_ERR_ARGUMENT, "safetensors: metadata must be UTF-8");
        }
    }
    if (p->text_count == 0) return true;
    qsort(p->texts, p->text_count, sizeof *p->texts, compare_texts);
    for (size_t i = 1; i < p->text_count; i++) {
        if (strcmp(p->texts[i - 1]->key, p->texts[i]->key) == 0) {
            return cd_fail(CD_ERR_ARGUMENT, "safetensors: the metadata have \"%s\" twice",
                           p->texts[i]->key);
        }
    }
    return true;
}

/* --- the header ------------------------------------------------------------------------------- */

static void put_metadata(cd_json_writer *w, const plan *p)
{
    cd_json_put(w, "\"__metadata__\":{");
    for (size_t i = 0; i < p->text_count; i++) {
        if (i > 0) cd_json_put(w, ",");
        cd_json_put_string(w, p->texts[i]->key);
        cd_json_put(w, ":");
        cd_json_put_string(w, p->texts[i]->value);
    }
    cd_json_put(w, "}");
}

/* Puts the member of one tensor. *offset is where its data begin, and then where the next ones do.
 * False when that number overflows. */
static bool put_tensor_info(cd_json_writer *w, const file_tensor *tensor, size_t *offset)
{
    const cd_file_item *item = tensor->item;
    cd_json_put_string(w, item->name);
    cd_json_put(w, ":{\"dtype\":\"");
    cd_json_put(w, cd_file_dtype_name(item->dtype));
    cd_json_put(w, "\",\"shape\":[");
    for (int i = 0; i < item->shape.ndim; i++) {
        if (i > 0) cd_json_put(w, ",");
        cd_json_put_whole(w, (uint64_t)item->shape.dim[i]);
    }
    cd_json_put(w, "],\"data_offsets\":[");
    cd_json_put_whole(w, *offset);
    bool ok = cd_checked_add(*offset, tensor->bytes, offset);
    cd_json_put(w, ",");
    cd_json_put_whole(w, *offset);
    cd_json_put(w, "]}");
    return ok;
}

/* The bytes of the header's length, which comes before the header. */
enum { LENGTH_BYTES = 8 };

/* The length and the header, padded with spaces to a multiple of 8, in memory that the caller
 * frees; NULL with an error. */
static char *make_header(const plan *p, size_t *size)
{
    cd_json_writer w = { .max_size = LENGTH_BYTES + CD_SAFETENSORS_HEADER_MAX };
    size_t offset = 0;
    cd_json_put_bytes(&w, (char[LENGTH_BYTES]){ 0 }, LENGTH_BYTES);
    cd_json_put(&w, "{");
    if (p->text_count > 0) put_metadata(&w, p);
    for (size_t i = 0; i < p->tensor_count; i++) {
        if (i > 0 || p->text_count > 0) cd_json_put(&w, ",");
        if (!put_tensor_info(&w, &p->tensors[i], &offset)) {
            (void)cd_fail(CD_ERR_SHAPE, "safetensors: the tensors have more bytes than memory");
            break;
        }
    }
    cd_json_put(&w, "}");
    while (w.size % 8 != 0 && !w.failed) cd_json_put(&w, " ");
    *size = w.size;
    char *header = cd_json_finish(&w);
    if (w.too_long) {
        (void)cd_fail(CD_ERR_UNSUPPORTED,
                      "safetensors: names and metadata make a header of more than %llu bytes",
                      (unsigned long long)CD_SAFETENSORS_HEADER_MAX);
    }
    for (int i = 0; i < LENGTH_BYTES && header; i++) {
        header[i] = (char)((*size - LENGTH_BYTES) >> (8 * i) & 0xFF);
    }
    if (cd_ok()) return header;
    cd_free(header);
    return NULL;
}

/* --- the data --------------------------------------------------------------------------------- */

/* Writes the elements low byte first, whatever the host's byte order is. A C64 is two f32. */
static bool write_data(cd_atomic_file *file, const file_tensor *tensor)
{
    const unsigned char *data = tensor->item->data;
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ || tensor->width == 1) {
        return cd_atomic_file_write(file, data, tensor->bytes);
    }
    size_t width = tensor->item->dtype == CD_FILE_C64 ? 4 : (size_t)tensor->width;
    for (size_t at = 0; at < tensor->bytes; at += width) {
        unsigned char swapped[8];
        for (size_t i = 0; i < width; i++) swapped[i] = data[at + width - 1 - i];
        if (!cd_atomic_file_write(file, swapped, width)) return false;
    }
    return true;
}

/* Whether Candela's own reader can read this header within its default budget for descriptions. The
 * reader has the header in memory, copies its texts, and has arrays of entries and texts that
 * double as they grow, while the old and the new array both count. */
static bool can_be_read(const plan *p, size_t header)
{
    size_t items =
        p->tensor_count * sizeof(cd_archive_entry) + p->text_count * sizeof(cd_text_pair);
    return (header <= CD_BUDGET_DEFAULT && items <= CD_BUDGET_DEFAULT &&
            2 * header + 3 * items <= CD_BUDGET_DEFAULT) ||
           cd_fail(
               CD_ERR_UNSUPPORTED,
               "safetensors: %zu names of tensors and %zu texts make a header of %zu bytes, for "
               "which the reader has no room",
               p->tensor_count, p->text_count, header);
}

static bool write_file(const char *path, const plan *p)
{
    size_t size;
    char *header = make_header(p, &size);
    if (!header || !can_be_read(p, size)) {
        cd_free(header);
        return false;
    }
    cd_atomic_file *file = cd_atomic_file_open(path);
    bool ok = file && cd_atomic_file_write(file, header, size);
    cd_free(header);
    for (size_t i = 0; i < p->tensor_count && ok; i++) ok = write_data(file, &p->tensors[i]);
    if (ok) return cd_atomic_file_commit(file);
    cd_atomic_file_abandon(file);
    return false;
}

bool cd_safetensors_write(const char *path, const cd_file_item *items, size_t item_count,
                          const cd_text_pair *texts, size_t text_count)
{
    if (!cd_ok() || (path && !cd_check_ending(path, "safetensors"))) return false;
    plan p = { .tensors = cd_alloc_zeroed(item_count, sizeof *p.tensors),
               .tensor_count = item_count,
               .texts = cd_alloc_zeroed(text_count, sizeof *p.texts),
               .text_count = text_count };
    bool ok = p.tensors && p.texts && plan_tensors(&p, items) && plan_texts(&p, texts) &&
              write_file(path, &p);
    cd_free(p.tensors);
    cd_free(p.texts);
    return ok;
}
