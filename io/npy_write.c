/* Writes NumPy's files, for cd_save_npy, cd_save_npz and cd_save. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/atomic_file_internal.h"
#include "io/file_ending_internal.h"
#include "io/npy_internal.h"
#include "io/npy_write_internal.h"
#include "io/zip_write_internal.h"

/* The bytes of the item's elements. Its shape is that of a tensor, so that they fit memory. */
static size_t bytes_of(const cd_file_item *item)
{
    int64_t elements = 0;
    (void)cd_shape_elements(item->shape, &elements);
    return (size_t)elements * (size_t)cd_file_dtype_bits(item->dtype) / 8;
}

bool cd_npy_write(const char *path, const cd_file_item *item)
{
    char header[CD_NPY_WRITTEN_MAX];
    if (!cd_ok() || (path && !cd_check_ending(path, "npy"))) return false;
    cd_atomic_file *file = cd_atomic_file_open(path);
    if (!file) return false;
    size_t size = cd_npy_header_write(item->dtype, item->shape, header);
    if (cd_atomic_file_write(file, header, size) &&
        cd_atomic_file_write(file, item->data, bytes_of(item))) {
        return cd_atomic_file_commit(file);
    }
    cd_atomic_file_abandon(file);
    return false;
}

/* --- names ------------------------------------------------------------------------------------ */

enum { NAME_MAX_BYTES = 4000 }; /* so that the name with .npy fits the readers' limit */

/* A name becomes that of a file in the archive, which must not lead out of a folder into which
 * someone unpacks it. */
static bool is_path(const char *name)
{
    if (*name == '/' || strchr(name, '\\')) return false;
    for (const char *part = name; part; part = strchr(part, '/')) {
        if (part != name) part++;
        if (strcmp(part, "..") == 0 || strncmp(part, "../", 3) == 0) return false;
    }
    return true;
}

static bool check_name(const char *name)
{
    if (!name || !*name || strlen(name) > NAME_MAX_BYTES || !cd_utf8_valid(name, strlen(name))) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "npz: a tensor's name must be UTF-8, not empty, and of up to %d bytes",
                       NAME_MAX_BYTES);
    }
    char shown[64];
    return is_path(name) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "npz: the name \"%s\" is no path within an archive: it must not begin with /, "
                   "nor hold a backslash or a part \"..\"",
                   cd_escape_text(shown, sizeof shown, name));
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether all names are right and different. */
static bool check_names(const cd_file_item *items, size_t count)
{
    if (count == 0) {
        return cd_fail(CD_ERR_ARGUMENT, "npz: there is no tensor to write, and one is needed");
    }
    const char **names = cd_alloc_zeroed(count, sizeof *names);
    if (!names) return false;
    bool done = true;
    for (size_t i = 0; i < count && done; i++) {
        names[i] = items[i].name;
        done = check_name(names[i]);
    }
    if (done) qsort(names, count, sizeof *names, compare);
    for (size_t i = 1; i < count && done; i++) {
        if (strcmp(names[i - 1], names[i]) != 0) continue;
        char shown[64];
        done = cd_fail(CD_ERR_ARGUMENT, "npz: two tensors are called \"%s\"",
                       cd_escape_text(shown, sizeof shown, names[i]));
    }
    cd_free(names);
    return done;
}

/* --- the archive ------------------------------------------------------------------------------ */

static bool write_item(cd_zip_writer *w, const cd_file_item *item)
{
    char header[CD_NPY_WRITTEN_MAX], name[NAME_MAX_BYTES + 8];
    size_t size = cd_npy_header_write(item->dtype, item->shape, header), bytes = bytes_of(item);
    uLong crc = crc32_z(0, (const Bytef *)header, size);
    if (bytes > 0) crc = crc32_z(crc, item->data, bytes);
    (void)snprintf(name, sizeof name, "%s.npy", item->name);
    return cd_zip_writer_entry(w, name, (uint64_t)size + bytes, (uint32_t)crc, 0) &&
           cd_zip_writer_data(w, header, size) && cd_zip_writer_data(w, item->data, bytes);
}

bool cd_npz_write(const char *path, const cd_file_item *items, size_t count)
{
    if (!cd_ok() || (path && !cd_check_ending(path, "npz")) || !check_names(items, count)) {
        return false;
    }
    cd_zip_writer *w = cd_zip_writer_open(path);
    if (!w) return false;
    for (size_t i = 0; i < count; i++) {
        if (write_item(w, &items[i])) continue;
        cd_zip_writer_abandon(w);
        return false;
    }
    return cd_zip_writer_commit(w);
}
