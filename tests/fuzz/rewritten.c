/* Reads a file of tensors, writes it, and compares: see rewritten.h. */
#include "tests/fuzz/rewritten.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "io/safetensors_internal.h"
#include "io/tensor_file_internal.h"

enum { TENSORS_MAX = 64, TEXTS_MAX = 64, ELEMENTS_MAX = 1 << 14 };

typedef struct contents {
    cd_tensor *tensors[TENSORS_MAX];
    cd_file_item items[TENSORS_MAX];
    cd_text_pair texts[TEXTS_MAX];
    size_t item_count, text_count;
} contents;

static void read_tensor(contents *c, cd_tensor_file *f, int64_t i)
{
    const char *name = cd_tensor_file_name(f, i);
    FUZZ_CHECK(name && cd_tensor_file_dtype(f, i));
    if (!*name || cd_tensor_file_elements(f, i) > ELEMENTS_MAX) return;
    cd_tensor *t = cd_tensor_file_read(f, name);
    if (!t) {
        (void)fuzz_refused();
        return;
    }
    cd_shape shape = cd_tensor_file_shape(f, i);
    FUZZ_CHECK(cd_shape_equal(cd_shape_of(t), shape));
    c->tensors[c->item_count] = t;
    c->items[c->item_count++] = (cd_file_item){
        .name = name, .dtype = cd_file_dtype_of(cd_dtype_of(t)), .shape = shape, .data = cd_data(t)
    };
}

/* The number of bits from the entry's first element to the end of its last one. */
static uint64_t bits_of(const cd_archive_entry *e)
{
    uint64_t count = e->elements > 0;
    for (int i = 0; i < e->shape.ndim && e->elements > 0; i++) {
        count += (uint64_t)((e->shape.dim[i] - 1) * e->stride[i]);
    }
    return count * (uint64_t)cd_file_dtype_bits(e->dtype);
}

/* Checks that the bytes of every entry are exactly those of its elements, and that they lie within
 * the entry's storage, and where that is not deflated within the file. */
static void check_extents(const cd_tensor_file *f)
{
    const cd_archive *a = cd_tensor_file_archive(f, "fuzz");
    for (size_t i = 0; i < a->count; i++) {
        const cd_archive_entry *e = &a->entries[i];
        const cd_archive_storage *storage =
            e->storage < a->storage_count ? &a->storages[e->storage] : NULL;
        if (!storage || !storage->deflated) {
            FUZZ_CHECK(e->offset <= a->source.size && e->bytes <= a->source.size - e->offset);
        }
        FUZZ_CHECK(bits_of(e) == 8 * e->bytes);
        if (a->storage_count == 0 || e->elements == 0) continue;
        FUZZ_CHECK(storage != NULL);
        FUZZ_CHECK(e->offset >= storage->offset);
        FUZZ_CHECK(e->offset + e->bytes <= storage->offset + storage->bytes);
    }
}

/* Reads all tensors and texts. False for a file with too many of them. */
static bool read_contents(contents *c, cd_tensor_file *f)
{
    int64_t tensors = cd_tensor_file_count(f), texts = cd_tensor_file_text_count(f);
    *c = (contents){ .item_count = 0 };
    if (tensors > TENSORS_MAX || texts > TEXTS_MAX) return false;
    for (int64_t i = 0; i < tensors; i++) read_tensor(c, f, i);
    for (int64_t i = 0; i < texts; i++) {
        c->texts[c->text_count] = cd_tensor_file_text_at(f, i);
        const char *found = cd_tensor_file_text(f, c->texts[c->text_count++].key);
        FUZZ_CHECK(found);
    }
    return true;
}

static size_t bytes_of(const contents *c, size_t i)
{
    return (size_t)cd_numel(c->tensors[i]) * (size_t)cd_file_dtype_bits(c->items[i].dtype) / 8;
}

/* Checks that the written file has everything that was read. */
static void compare(const contents *c, cd_tensor_file *f)
{
    FUZZ_CHECK(cd_tensor_file_count(f) == (int64_t)c->item_count);
    FUZZ_CHECK(cd_tensor_file_text_count(f) == (int64_t)c->text_count);
    for (size_t i = 0; i < c->item_count; i++) {
        const cd_file_item *item = &c->items[i];
        cd_tensor *t = cd_tensor_file_read(f, item->name);
        FUZZ_CHECK(t && cd_file_dtype_of(cd_dtype_of(t)) == item->dtype);
        FUZZ_CHECK(cd_shape_equal(cd_shape_of(t), item->shape));
        size_t bytes = bytes_of(c, i);
        FUZZ_CHECK(bytes == 0 || memcmp(cd_data(t), item->data, bytes) == 0);
    }
    for (size_t i = 0; i < c->text_count; i++) {
        const char *text = cd_tensor_file_text(f, c->texts[i].key);
        FUZZ_CHECK(text && strcmp(text, c->texts[i].value) == 0);
    }
}

static fuzz_bytes write_contents(const contents *c, const char *path, bool any_names)
{
    if (!cd_safetensors_write(path, c->items, c->item_count, c->texts, c->text_count)) {
        FUZZ_CHECK(cd_error_code() == CD_ERR_MEMORY ||
                   (any_names && cd_error_code() == CD_ERR_ARGUMENT));
        (void)fuzz_refused();
        return (fuzz_bytes){ .size = 0 };
    }
    return fuzz_read(path);
}

fuzz_bytes fuzz_rewritten(const char *path, bool any_names)
{
    CD_SCOPE();
    fuzz_bytes first = { .size = 0 };
    char out[FUZZ_PATH_BYTES];
    contents c, again;
    cd_tensor_file *f = cd_tensor_file_open(path);
    if (!f) {
        (void)fuzz_refused();
        return first;
    }
    check_extents(f);
    if (!read_contents(&c, f)) return first;
    first = write_contents(&c, fuzz_path("rewritten.safetensors", out), any_names);
    if (first.size == 0) return first;
    cd_tensor_file *back = cd_tensor_file_open(out);
    FUZZ_CHECK(back);
    compare(&c, back);
    FUZZ_CHECK(read_contents(&again, back));
    fuzz_bytes second = write_contents(&again, out, false);
    FUZZ_CHECK(fuzz_same(&first, &second));
    free(second.data);
    FUZZ_CHECK(unlink(out) == 0);
    return first;
}
