/* cd_tensor_file: a cd_archive as a public object that scopes own. In cd_load (checkpoint.c) it
 * opens the file (step 2) and makes the tensors that entries are read into (step 8). */
#include "io/tensor_file_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "io/name_list_internal.h"

struct cd_tensor_file {
    cd_object object;
    cd_archive *archive;
};

static void destroy(cd_object *object)
{
    cd_archive_close(((cd_tensor_file *)object)->archive);
}

static const cd_class file_class = { CD_KIND_TENSOR_FILE, "tensor file", NULL, destroy };

cd_archive *cd_tensor_file_archive(const cd_tensor_file *f, const char *function)
{
    return cd_check_object(f, &file_class, function, "the file") ? f->archive : NULL;
}

bool cd_check_path_or_file(const char *path, const cd_tensor_file *f, const char *function)
{
    if (!path != !f) return true;
    return cd_fail(CD_ERR_ARGUMENT,
                   path ? "%s: both a path and an opened file are given, and one is right"
                        : "%s: the path is NULL, and no opened file (.file) is given",
                   function);
}

cd_tensor_file *cd_tensor_file_open_with(cd_tensor_file_options o)
{
    const cd_archive_limits limits = { .key = o.key, .any_hash = o.any_hash };
    if (!o.path) {
        (void)cd_fail(CD_ERR_ARGUMENT, "tensor_file_open: the path is NULL");
        return NULL;
    }
    cd_tensor_file *f = cd_object_new(&file_class, sizeof *f);
    if (!f) return NULL;
    f->archive = cd_archive_open_with(o.path, &limits);
    if (!f->archive) {
        cd_object_disown(&f->object);
        return NULL;
    }
    return cd_hand(f);
}

const char *cd_tensor_file_kind(const cd_tensor_file *f)
{
    const cd_archive *a = cd_tensor_file_archive(f, "tensor_file_kind");
    return a ? a->kind : "?";
}

const char *cd_tensor_file_key(const cd_tensor_file *f)
{
    const cd_archive *a = cd_tensor_file_archive(f, "tensor_file_key");
    return a && a->key ? a->key : "";
}

int64_t cd_tensor_file_bytes(const cd_tensor_file *f)
{
    const cd_archive *a = cd_tensor_file_archive(f, "tensor_file_bytes");
    return a ? (int64_t)a->source.size : 0;
}

int64_t cd_tensor_file_count(const cd_tensor_file *f)
{
    const cd_archive *a = cd_tensor_file_archive(f, "tensor_file_count");
    return a ? (int64_t)a->count : 0;
}

static const cd_archive_entry *entry_at(const cd_tensor_file *f, int64_t i, const char *function)
{
    const cd_archive *a = cd_tensor_file_archive(f, function);
    if (!a) return NULL;
    if (i >= 0 && (uint64_t)i < a->count) return &a->entries[i];
    (void)cd_fail(CD_ERR_ARGUMENT, "%s: there is no tensor %lld, the file has %zu", function,
                  (long long)i, a->count);
    return NULL;
}

const char *cd_tensor_file_name(const cd_tensor_file *f, int64_t i)
{
    const cd_archive_entry *e = entry_at(f, i, "tensor_file_name");
    return e ? e->name : NULL;
}

const char *cd_tensor_file_dtype(const cd_tensor_file *f, int64_t i)
{
    const cd_archive_entry *e = entry_at(f, i, "tensor_file_dtype");
    return e ? cd_file_dtype_name(e->dtype) : "?";
}

cd_shape cd_tensor_file_shape(const cd_tensor_file *f, int64_t i)
{
    const cd_archive_entry *e = entry_at(f, i, "tensor_file_shape");
    return e ? e->shape : (cd_shape){ .ndim = 0 };
}

int64_t cd_tensor_file_elements(const cd_tensor_file *f, int64_t i)
{
    const cd_archive_entry *e = entry_at(f, i, "tensor_file_elements");
    return e ? e->elements : 0;
}

cd_tensor *cd_archive_tensor(cd_archive *archive, const cd_archive_entry *entry, cd_dtype dtype)
{
    size_t bytes;
    if (!cd_archive_read_size(archive, entry, dtype, &bytes)) return NULL;
    cd_tensor *t = cd_tensor_new(entry->name, dtype, entry->shape);
    if (t && !cd_archive_read(archive, entry, dtype, t->data)) {
        cd_object_disown(&t->object);
        return NULL;
    }
    return t;
}

cd_tensor *cd_tensor_file_read(cd_tensor_file *f, const char *name)
{
    cd_archive *a = cd_tensor_file_archive(f, "tensor_file_read");
    if (!a || !cd_check_not_captured("tensor_file_read", "the elements come from a file")) {
        return NULL;
    }
    const cd_archive_entry *e = name ? cd_archive_find(a, name) : NULL;
    char shown[64];
    if (!e) {
        cd_name_list there = { .count = 0 };
        for (size_t i = 0; i < a->count; i++) {
            cd_name_list_add(&there, a->entries[i].name, strlen(a->entries[i].name));
        }
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "tensor_file_read: %s holds no tensor \"%s\": it holds %zu%s%s%s",
                      a->source.label, cd_escape_text(shown, sizeof shown, name ? name : "NULL"),
                      a->count, there.count ? " (" : "", there.text, there.count ? ")" : "");
        return NULL;
    }
    cd_dtype dtype = cd_file_dtype_native(e->dtype);
    if (dtype == CD_DTYPE_DEFAULT) {
        (void)cd_fail(CD_ERR_UNSUPPORTED,
                      "tensor_file_read: %s: \"%s\" is of dtype %s (%s), which no tensor has",
                      a->source.label, cd_escape_text(shown, sizeof shown, name),
                      cd_file_dtype_name(e->dtype), cd_file_dtype_meaning(e->dtype));
        return NULL;
    }
    return cd_hand(cd_archive_tensor(a, e, dtype));
}

int64_t cd_tensor_file_text_count(const cd_tensor_file *f)
{
    const cd_archive *a = cd_tensor_file_archive(f, "tensor_file_text_count");
    return a ? (int64_t)a->metadata_count : 0;
}

cd_text_pair cd_tensor_file_text_at(const cd_tensor_file *f, int64_t i)
{
    const cd_archive *a = cd_tensor_file_archive(f, "tensor_file_text_at");
    if (a && i >= 0 && (uint64_t)i < a->metadata_count) return a->metadata[i];
    if (a) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "tensor_file_text_at: there is no text %lld, the file has %zu", (long long)i,
                      a->metadata_count);
    }
    return (cd_text_pair){ "", "" };
}

const char *cd_tensor_file_text(const cd_tensor_file *f, const char *key)
{
    const cd_archive *a = cd_tensor_file_archive(f, "tensor_file_text");
    return a && key ? cd_archive_metadata(a, key) : NULL;
}
