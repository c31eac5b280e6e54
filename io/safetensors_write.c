#include <stdlib.h>
#include <string.h>

#include "core/memory_internal.h"
#include "io/atomic_file_internal.h"
#include "io/budget_internal.h"
#include "io/file_ending_internal.h"
#include "io/json_write_internal.h"
#include "io/safetensors_internal.h"

/* --- checks and order ------------------------------------------------------------------------- */

/* A tensor of the file that is being made. */
typedef struct placed {
    const cd_safetensors_item *item;
    size_t bytes;
    int width; /* of an element, in bytes */
} placed;

typedef struct plan {
    placed *tensors; /* in the order of the file */
    size_t n;
    const cd_text_pair **texts; /* sorted */
    size_t m;
} plan;

static bool check_item(const cd_safetensors_item *item, placed *out)
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
    *out = (placed){ .item = item, .width = bits / 8 };
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
    const placed *x = a, *y = b;
    return strcmp(x->item->name, y->item->name);
}

static int compare_placed(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->item->dtype != y->item->dtype) return x->item->dtype < y->item->dtype ? -1 : 1;
    return compare_by_name(a, b);
}

static int compare_texts(const void *a, const void *b)
{
    const cd_text_pair *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

static bool plan_tensors(plan *p, const cd_safetensors_item *items)
{
    for (size_t i = 0; i < p->n; i++) {
        if (!check_item(&items[i], &p->tensors[i])) return false;
    }
    if (p->n == 0) return true;
    qsort(p->tensors, p->n, sizeof *p->tensors, compare_by_name);
    for (size_t i = 1; i < p->n; i++) {
        if (compare_by_name(&p->tensors[i - 1], &p->tensors[i]) == 0) {
            return cd_fail(CD_ERR_ARGUMENT, "safetensors: two tensors are called \"%s\"",
                           p->tensors[i].item->name);
        }
    }
    qsort(p->tensors, p->n, sizeof *p->tensors, compare_placed);
    return true;
}

static bool plan_texts(plan *p, const cd_text_pair *texts)
{
    for (size_t i = 0; i < p->m; i++) {
        const cd_text_pair *t = p->texts[i] = &texts[i];
        if (!t->key || !t->value || !cd_utf8_valid(t->key, strlen(t->key)) ||
            !cd_utf8_valid(t->value, strlen(t->value))) {
            return cd_fail(CD_ERR_ARGUMENT, "safetensors: metadata must be UTF-8");
        }
    }
    if (p->m == 0) return true;
    qsort(p->texts, p->m, sizeof *p->texts, compare_texts);
    for (size_t i = 1; i < p->m; i++) {
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
    for (size_t i = 0; i < p->m; i++) {
        if (i > 0) cd_json_put(w, ",");
        cd_json_put_string(w, p->texts[i]->key);
        cd_json_put(w, ":");
        cd_json_put_string(w, p->texts[i]->value);
    }
    cd_json_put(w, "}");
}

/* False only when a size overflows. */
static bool put_tensor(cd_json_writer *w, const placed *tensor, size_t *at)
{
    const cd_safetensors_item *item = tensor->item;
    cd_json_put_string(w, item->name);
    cd_json_put(w, ":{\"dtype\":\"");
    cd_json_put(w, cd_file_dtype_name(item->dtype));
    cd_json_put(w, "\",\"shape\":[");
    for (int i = 0; i < item->shape.ndim; i++) {
        if (i > 0) cd_json_put(w, ",");
        cd_json_put_whole(w, (uint64_t)item->shape.dim[i]);
    }
    cd_json_put(w, "],\"data_offsets\":[");
    cd_json_put_whole(w, *at);
    bool right = cd_checked_add(*at, tensor->bytes, at);
    cd_json_put(w, ",");
    cd_json_put_whole(w, *at);
    cd_json_put(w, "]}");
    return right;
}

enum { LENGTH_BYTES = 8 }; /* of the header, low byte first, before it */

/* The length and the header, in memory that the caller frees; NULL with an error. */
static char *make_header(const plan *p, size_t *size)
{
    cd_json_writer w = { .most = LENGTH_BYTES + CD_SAFETENSORS_HEADER_MAX };
    size_t at = 0;
    cd_json_put_bytes(&w, (char[LENGTH_BYTES]){ 0 }, LENGTH_BYTES);
    cd_json_put(&w, "{");
    if (p->m > 0) put_metadata(&w, p);
    for (size_t i = 0; i < p->n; i++) {
        if (i > 0 || p->m > 0) cd_json_put(&w, ",");
        if (!put_tensor(&w, &p->tensors[i], &at)) {
            (void)cd_fail(CD_ERR_SHAPE, "safetensors: the tensors have more bytes than memory");
            break;
        }
    }
    cd_json_put(&w, "}");
    while (w.size % 8 != 0 && !w.failed) cd_json_put(&w, " ");
    *size = w.size;
    char *header = cd_json_finish(&w);
    if (w.longer) {
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

/* Elements are written low byte first, whatever the host's order. */
static bool write_data(cd_atomic_file *file, const placed *tensor)
{
    const unsigned char *data = tensor->item->data;
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ || tensor->width == 1) {
        return cd_atomic_file_write(file, data, tensor->bytes);
    }
    size_t width = tensor->item->dtype == CD_FILE_C64 ? 4 : (size_t)tensor->width;
    for (size_t at = 0; at < tensor->bytes; at += width) {
        unsigned char turned[8];
        for (size_t i = 0; i < width; i++) turned[i] = data[at + width - 1 - i];
        if (!cd_atomic_file_write(file, turned, width)) return false;
    }
    return true;
}

/* Whether our own reader has room for the header: it keeps it, its texts once more, and an array of
 * entries that doubles as it grows, within its budget for descriptions. */
static bool can_be_read(const plan *p, size_t header)
{
    size_t items = p->n * sizeof(cd_archive_entry) + p->m * sizeof(cd_text_pair);
    return (header <= CD_BUDGET_DEFAULT && items <= CD_BUDGET_DEFAULT &&
            2 * header + 3 * items <= CD_BUDGET_DEFAULT) ||
           cd_fail(
               CD_ERR_UNSUPPORTED,
               "safetensors: %zu names of tensors and %zu texts make a header of %zu bytes, for "
               "which the reader has no room",
               p->n, p->m, header);
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
    bool right = file && cd_atomic_file_write(file, header, size);
    cd_free(header);
    for (size_t i = 0; i < p->n && right; i++) right = write_data(file, &p->tensors[i]);
    if (right) return cd_atomic_file_commit(file);
    cd_atomic_file_abandon(file);
    return false;
}

bool cd_safetensors_write(const char *path, const cd_safetensors_item *items, size_t n,
                          const cd_text_pair *metadata, size_t m)
{
    if (!cd_ok() || (path && !cd_check_ending(path))) return false;
    plan p = { .tensors = cd_alloc_zeroed(n, sizeof *p.tensors),
               .n = n,
               .texts = cd_alloc_zeroed(m, sizeof *p.texts),
               .m = m };
    bool right = p.tensors && p.texts && plan_tensors(&p, items) && plan_texts(&p, metadata) &&
                 write_file(path, &p);
    cd_free(p.tensors);
    cd_free(p.texts);
    return right;
}
