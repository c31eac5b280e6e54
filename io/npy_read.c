/* The front end of an archive for NumPy's files: an .npy, which is one array, and an .npz, which is
 * a zip archive of NAME.npy, stored (numpy.savez) or deflated (numpy.savez_compressed). For such a
 * file it takes the place of steps 3 to 6 of cd_load (checkpoint.c).
 *
 * Opening reads the header of every array, and compares the size that it declares with the bytes
 * that are there. Arrays that are no numbers are listed too, so that the others beside them can be
 * read. */
#include <stdlib.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/archive_internal.h"
#include "io/inflate_internal.h"
#include "io/npy_internal.h"
#include "io/zip_internal.h"

/* Adds an array to the archive. Its elements begin at `offset`. */
static cd_archive_entry *add_array(cd_archive *archive, const char *name, size_t name_size,
                                   const cd_npy_header *h, uint64_t offset)
{
    cd_archive_entry *e = cd_archive_add(archive, name, name_size, 0);
    if (!e) return NULL;
    e->offset = offset;
    e->bytes = h->bytes;
    e->shape = h->shape;
    e->elements = h->elements;
    e->dtype = h->dtype;
    e->big_endian = h->big_endian;
    int64_t stride = 1;
    for (int k = 0; k < h->shape.ndim && h->elements > 0; k++) {
        int i = h->fortran ? k : h->shape.ndim - 1 - k;
        e->stride[i] = stride;
        stride *= h->shape.dim[i];
    }
    return e;
}

/* The array of `label` has `there` bytes behind its header. numpy.load ignores what follows the
 * elements, since several arrays may stand in one file. */
static bool check_length(const char *label, const cd_npy_header *h, uint64_t there)
{
    if (cd_file_dtype_bits(h->dtype) == 0) return true;
    if (there < h->bytes) {
        char text[CD_SHAPE_TEXT];
        return cd_fail(CD_ERR_FORMAT,
                       "%s: %s elements of %s take %zu bytes, and behind the header there are %llu",
                       label, cd_shape_text(h->shape, text), cd_file_dtype_name(h->dtype), h->bytes,
                       (unsigned long long)there);
    }
    if (there > h->bytes) {
        cd_log_line(CD_LOG_WARNING, "%s: %llu bytes follow the array and are ignored", label,
                    (unsigned long long)(there - h->bytes));
    }
    return true;
}

bool cd_npy_read(cd_archive *archive)
{
    unsigned char memory[CD_NPY_HEADER_MAX];
    const cd_source *source = &archive->source;
    size_t size = source->size < sizeof memory ? (size_t)source->size : sizeof memory;
    cd_bytes start;
    cd_npy_header h;
    archive->kind = CD_KIND_NPY;
    if (!cd_source_read(source, 0, memory, size)) return false;
    cd_bytes_borrow(&start, source->label, memory, size);
    return cd_npy_header_read(&start, &h) &&
           check_length(source->label, &h, source->size - h.size) &&
           add_array(archive, CD_NPY_NAME, strlen(CD_NPY_NAME), &h, h.size);
}

/* --- .npz ------------------------------------------------------------------------------------- */

static bool is_array(const cd_zip_entry *e)
{
    return e->name_size > 4 && memcmp(e->name + e->name_size - 4, ".npy", 4) == 0;
}

bool cd_npz_is(const cd_zip *zip)
{
    for (size_t i = 0; i < zip->count; i++) {
        if (is_array(&zip->entries[i])) return true;
    }
    return false;
}

/* "a.npz: w.npy", for sentences. */
static void label_of(char label[CD_BYTES_LABEL], const cd_zip *zip, const cd_zip_entry *e)
{
    char shown[64], path[CD_BYTES_LABEL + sizeof shown + 2];
    cd_printable(shown, sizeof shown, e->name, e->name_size);
    (void)snprintf(path, sizeof path, "%s: %s", zip->source->label, shown);
    cd_bytes_label(label, path);
}

/* Reads the first bytes of an entry, unpacked. */
static bool read_start(const cd_zip *zip, const cd_zip_entry *e, unsigned char *to, size_t size)
{
    if (e->method == CD_ZIP_STORED) return cd_source_read(zip->source, e->data_offset, to, size);
    cd_inflate *f = cd_inflate_open(zip->source, e->data_offset, e->size, e->unpacked_size);
    bool done = f && cd_inflate_read(f, 0, to, size);
    cd_inflate_close(f);
    return done;
}

/* Only the two methods of compression that NumPy uses are read, and an entry cannot unpack to more
 * than deflate can make of its bytes. */
static bool check_entry(const cd_zip *zip, const cd_zip_entry *e, const char *label)
{
    if (e->method != CD_ZIP_STORED && e->method != CD_ZIP_DEFLATED) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: it is compressed by method %u, and what is read is stored (0) or "
                       "deflated (8), as numpy.savez and numpy.savez_compressed write",
                       label, (unsigned)e->method);
    }
    if (e->unpacked_size / CD_INFLATE_RATIO_MAX > e->size) {
        return cd_source_fail(zip->source, CD_ERR_FORMAT, e->data_offset,
                              "%llu bytes are said to unpack to %llu, which is more than deflate "
                              "can do",
                              (unsigned long long)e->size, (unsigned long long)e->unpacked_size);
    }
    return true;
}

/* The CRC is always compared: NumPy computes one. */
static bool add_storage(cd_archive *a, const cd_zip_entry *e)
{
    if (!cd_budget_grow(&a->budget, &a->storages, &a->storage_capacity, a->storage_count + 1,
                        sizeof *a->storages)) {
        return false;
    }
    bool deflated = e->method == CD_ZIP_DEFLATED;
    a->storages[a->storage_count++] = (cd_archive_storage){
        .offset = deflated ? 0 : e->data_offset,
        .bytes = e->unpacked_size,
        .packed_offset = deflated ? e->data_offset : 0,
        .packed_bytes = deflated ? e->size : 0,
        .crc = e->crc,
        .unchecked = true,
        .deflated = deflated,
    };
    return true;
}

static bool add_entry(cd_archive *archive, const cd_zip *zip, const cd_zip_entry *e)
{
    unsigned char memory[CD_NPY_HEADER_MAX];
    size_t size = e->unpacked_size < sizeof memory ? (size_t)e->unpacked_size : sizeof memory;
    char label[CD_BYTES_LABEL];
    cd_bytes start;
    cd_npy_header h;
    label_of(label, zip, e);
    if (!check_entry(zip, e, label) || !read_start(zip, e, memory, size)) return false;
    cd_bytes_borrow(&start, label, memory, size);
    if (!cd_npy_header_read(&start, &h) || !check_length(label, &h, e->unpacked_size - h.size) ||
        !add_storage(archive, e)) {
        return false;
    }
    const cd_archive_storage *s = &archive->storages[archive->storage_count - 1];
    cd_archive_entry *added = add_array(archive, e->name, e->name_size - 4, &h, s->offset + h.size);
    if (added) added->storage = (uint32_t)archive->storage_count - 1;
    return added != NULL;
}

static int by_place(const void *a, const void *b)
{
    const cd_zip_entry *const *x = a, *const *y = b;
    return (*x)->name < (*y)->name ? -1 : (*x)->name > (*y)->name;
}

/* The zip's entries are sorted by name. Their names point into its directory, which lists them in
 * the order in which numpy.savez was given the arrays: that is the archive's order. */
bool cd_npz_read(cd_archive *archive, const cd_zip *zip)
{
    const cd_zip_entry **listed = NULL;
    size_t capacity = 0, others = 0;
    archive->kind = CD_KIND_NPZ;
    if (!cd_budget_grow(&archive->budget, &listed, &capacity, zip->count, sizeof *listed)) {
        return false;
    }
    for (size_t i = 0; i < zip->count; i++) listed[i] = &zip->entries[i];
    qsort(listed, zip->count, sizeof *listed, by_place);
    bool done = true;
    for (size_t i = 0; i < zip->count && done; i++) {
        if (is_array(listed[i])) {
            done = add_entry(archive, zip, listed[i]);
        } else {
            others++;
        }
    }
    cd_budget_release(&archive->budget, &listed, &capacity, sizeof *listed);
    if (done && others > 0) {
        cd_log_line(CD_LOG_WARNING,
                    "%s: %zu of its %zu members are no arrays (.npy) and are ignored",
                    zip->source->label, others, zip->count);
    }
    return done;
}
