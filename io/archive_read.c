/* Step 8 of cd_load (checkpoint.c): reads the elements of one entry from its file, puts them into
 * row-major order, converts byte order and dtype, and compares the storage's CRC.
 *
 * A contiguous entry is read from first to last byte; when the file's bytes are the host's
 * (bitwise), straight into `out`. The views that torch.save writes have other strides. They are
 * read run by run, a run being the elements along the innermost dimension, through a buffer of
 * BUFFER bytes. The dimensions are sorted so that the runs go through the file from its start to
 * its end, whatever order the tensor has. Where dimensions overlap (an unfold, say) no order of
 * them does that; then the file is read in windows of WINDOW bytes, and for each window all runs
 * are visited and the elements in the window copied.
 *
 * A storage's CRC is computed once, at the first read of one of its entries, where possible from
 * the very bytes that are handed out.
 *
 * Two things hold for NumPy's files only. A storage may be deflated: then its bytes come from
 * inflate.c, which unpacks in ascending order what is asked for. And elements may be big-endian:
 * then the bytes are swapped right after they were read, and all else is the same. */
#include <string.h>

#include "core/dtype_internal.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/archive_internal.h"
#include "io/crc_internal.h"
#include "io/inflate_internal.h"

/* --- single values ---------------------------------------------------------------------------- */

static double from_bits64(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float from_bits32(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE half precision has 1 bit of sign, 5 of exponent (bias 15) and 10 of fraction; a
 * subnormal is fraction * 2^-24. The result is the bits of a float, not a float, so that no
 * conversion changes a NaN. */
static uint32_t half_to_float_bits(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31,
             fraction = half & 0x3FF;
    if (exponent == 31) return sign | 0x7F800000 | fraction << 13;
    if (exponent > 0) return sign | (exponent + 112) << 23 | fraction << 13;
    float value = (float)fraction * 0x1p-24F;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return sign | bits;
}

static double load_float(const unsigned char *from, cd_file_dtype dtype)
{
    switch (dtype) {
    case CD_FILE_F64:
        return from_bits64(cd_load_le(from, 8));
    case CD_FILE_F32:
        return (double)from_bits32((uint32_t)cd_load_le(from, 4));
    case CD_FILE_BF16:
        return (double)from_bits32((uint32_t)cd_load_le(from, 2) << 16);
    default:
        return (double)from_bits32(half_to_float_bits((uint16_t)cd_load_le(from, 2)));
    }
}

/* False when the integer is above INT64_MAX. */
static bool load_integer(const unsigned char *from, cd_file_dtype dtype, int64_t *out)
{
    uint64_t bits;
    switch (dtype) {
    case CD_FILE_U64:
        bits = cd_load_le(from, 8);
        *out = (int64_t)bits;
        return bits <= INT64_MAX;
    case CD_FILE_I64:
        *out = (int64_t)cd_load_le(from, 8);
        return true;
    case CD_FILE_U32:
        *out = (int64_t)cd_load_le(from, 4);
        return true;
    case CD_FILE_I32:
        *out = (int32_t)(uint32_t)cd_load_le(from, 4);
        return true;
    case CD_FILE_U16:
        *out = (int64_t)cd_load_le(from, 2);
        return true;
    case CD_FILE_I16:
        *out = (int16_t)(uint16_t)cd_load_le(from, 2);
        return true;
    case CD_FILE_I8:
        *out = (int8_t)*from;
        return true;
    default:
        *out = *from;
        return true;
    }
}

/* False when the integer does not fit the dtype. */
static bool store_integer(int64_t value, cd_dtype as, int64_t index, void *out)
{
    switch (as) {
    case CD_I64:
        ((int64_t *)out)[index] = value;
        return true;
    case CD_I32:
        ((int32_t *)out)[index] = (int32_t)value;
        return value == (int32_t)value;
    default:
        ((uint8_t *)out)[index] = (uint8_t)value;
        return value == (uint8_t)value;
    }
}

/* --- runs of values --------------------------------------------------------------------------- */

enum {
    BUFFER = 1 << 18, /* a multiple of every element's width; small enough to stay in the cache */
    NEAR = 1024,      /* reading so many unwanted bytes is cheaper than one more system call */
    WINDOW = 1 << 24  /* a multiple of every width; large, as each window visits all runs */
};

/* A dimension of the entry, or several merged into one. Strides are in elements. */
typedef struct dimension {
    int64_t size;
    int64_t file_stride; /* in the file */
    int64_t out_stride;  /* in `out` */
} dimension;

typedef struct copy {
    const cd_archive *archive;
    const cd_archive_entry *entry;
    cd_dtype as;  /* the dtype of `out` */
    size_t width; /* of an element in the file, in bytes */
    bool bitwise; /* an element has the same bytes in the file and in `out` */
    void *out;
    int ndim;
    dimension dim[CD_MAX_DIMS];       /* by file_stride, largest first */
    cd_inflate *inflate;              /* owned: of a deflated storage; NULL until it is needed */
    unsigned char *buffer;            /* owned; NULL until it is needed */
    uint64_t buffer_offset;           /* offset in the file of the buffer's first byte */
    size_t buffer_size;               /* bytes of the file in the buffer */
    size_t read_ahead;                /* bytes to read at once, as far as the entry goes */
    int64_t window_begin, window_end; /* in elements from the start of the entry */
} copy;

/* The entry's storage; NULL for a container without storages. */
static cd_archive_storage *storage_of(const copy *c)
{
    uint32_t i = c->entry->storage;
    return i < c->archive->storage_count ? &c->archive->storages[i] : NULL;
}

static bool integer_fails(const copy *c, int64_t index)
{
    char shown[64];
    const char *name = c->entry->name;
    const cd_archive_storage *s = storage_of(c);
    return cd_source_fail(&c->archive->source, CD_ERR_FORMAT,
                          s && s->deflated ? s->packed_offset : c->entry->offset,
                          "element %lld of \"%s\" (%s) does not fit %s", (long long)index,
                          cd_printable(shown, sizeof shown, name, strlen(name)),
                          cd_file_dtype_name(c->entry->dtype), cd_dtype_name(c->as));
}

/* The copy functions below copy `count` elements along dimension `d`, from the file's bytes at
 * `from` to out[index] and on. */
static bool copy_integers(const copy *c, const unsigned char *from, dimension d, int64_t count,
                          int64_t index)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t value, to = index + i * d.out_stride;
        const unsigned char *at = from + (size_t)(i * d.file_stride) * c->width;
        if (!load_integer(at, c->entry->dtype, &value) ||
            !store_integer(value, c->as, to, c->out)) {
            return integer_fails(c, to);
        }
    }
    return true;
}

static void copy_floats(const copy *c, const unsigned char *from, dimension d, int64_t count,
                        int64_t index)
{
    for (int64_t i = 0; i < count; i++) {
        double value = load_float(from + (size_t)(i * d.file_stride) * c->width, c->entry->dtype);
        cd_put_real(c->as, c->out, index + i * d.out_stride, value);
    }
}

static void copy_bools(const copy *c, const unsigned char *from, dimension d, int64_t count,
                       int64_t index)
{
    for (int64_t i = 0; i < count; i++) {
        ((uint8_t *)c->out)[index + i * d.out_stride] =
            from[(size_t)(i * d.file_stride) * c->width] != 0;
    }
}

static void copy_bitwise(const copy *c, const unsigned char *from, dimension d, int64_t count,
                         int64_t index)
{
    unsigned char *to = (unsigned char *)c->out + (size_t)index * c->width;
    if (d.file_stride == 1 && d.out_stride == 1) {
        memcpy(to, from, (size_t)count * c->width);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        memcpy(to + (size_t)(i * d.out_stride) * c->width,
               from + (size_t)(i * d.file_stride) * c->width, c->width);
    }
}

/* The copy function for the entry's dtype. */
static bool copy_run(const copy *c, const unsigned char *from, dimension d, int64_t count,
                     int64_t index)
{
    if (c->bitwise) {
        copy_bitwise(c, from, d, count, index);
        return true;
    }
    switch (cd_file_dtype_kind(c->entry->dtype)) {
    case CD_FILE_KIND_INTEGER:
        return copy_integers(c, from, d, count, index);
    case CD_FILE_KIND_FLOAT:
        copy_floats(c, from, d, count, index);
        return true;
    default:
        copy_bools(c, from, d, count, index);
        return true;
    }
}

/* --- the order of the file -------------------------------------------------------------------- */

/* Fills c->dim with the entry's dimensions, sorted by file_stride, the largest first, so
 * that nested loops over them go through the file once. Two neighbours are merged into
 * one dimension where the outer stride is the inner stride times the inner size, both in
 * the file and in `out`. */
static void order_dimensions(copy *c)
{
    const cd_archive_entry *e = c->entry;
    int64_t out_stride = 1;
    for (int i = e->shape.ndim - 1; i >= 0; out_stride *= e->shape.dim[i--]) {
        if (e->shape.dim[i] == 1) continue; /* the stride of such a dimension may be any number */
        int k = c->ndim++;
        for (; k > 0 && c->dim[k - 1].file_stride <= e->stride[i]; k--) c->dim[k] = c->dim[k - 1];
        c->dim[k] = (dimension){ .size = e->shape.dim[i],
                                 .file_stride = e->stride[i],
                                 .out_stride = out_stride };
    }
    for (int i = c->ndim - 1; i > 0; i--) {
        dimension *outer = &c->dim[i - 1], *inner = &c->dim[i];
        if (outer->file_stride != inner->file_stride * inner->size ||
            outer->out_stride != inner->out_stride * inner->size) {
            continue;
        }
        *outer = (dimension){ .size = outer->size * inner->size,
                              .file_stride = inner->file_stride,
                              .out_stride = inner->out_stride };
        memmove(inner, inner + 1, (size_t)(--c->ndim - i) * sizeof *inner);
    }
    if (c->ndim == 0) {
        c->dim[c->ndim++] = (dimension){ .size = 1, .file_stride = 1, .out_stride = 1 };
    }
}

static bool is_contiguous(const copy *c)
{
    return c->ndim == 1 && c->dim[0].file_stride == 1 && c->dim[0].out_stride == 1;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool need_buffer(copy *c)
{
    if (!c->buffer) c->buffer = cd_alloc(BUFFER);
    return c->buffer != NULL;
}

/* Reads the bytes [at, at + size), of the file or of the deflated storage, as they are. */
static bool read_raw(copy *c, uint64_t at, void *to, size_t size)
{
    const cd_archive_storage *s = storage_of(c);
    if (!s || !s->deflated) return cd_source_read(&c->archive->source, at, to, size);
    if (!c->inflate) {
        c->inflate =
            cd_inflate_open(&c->archive->source, s->packed_offset, s->packed_bytes, s->bytes);
    }
    return c->inflate && cd_inflate_read(c->inflate, at, to, size);
}

/* Makes big-endian elements little-endian. */
static void swap(const copy *c, unsigned char *bytes, size_t size)
{
    if (!c->entry->big_endian) return;
    for (size_t at = 0; at < size; at += c->width) {
        for (size_t i = 0, k = c->width - 1; i < k; i++, k--) {
            unsigned char first = bytes[at + i];
            bytes[at + i] = bytes[at + k];
            bytes[at + k] = first;
        }
    }
}

/* Reads whole elements from `at` on, the low byte of each first. */
static bool read_elements(copy *c, uint64_t at, unsigned char *to, size_t size)
{
    if (!read_raw(c, at, to, size)) return false;
    swap(c, to, size);
    return true;
}

/* Adds the file's bytes [at, end) to the CRC. */
static bool add_to_crc(copy *c, uint64_t at, uint64_t end, uint32_t *crc)
{
    for (size_t size; at < end; at += size) {
        size = end - at < BUFFER ? (size_t)(end - at) : BUFFER;
        if (!need_buffer(c) || !read_raw(c, at, c->buffer, size)) return false;
        *crc = cd_crc(*crc, c->buffer, size);
    }
    return true;
}

/* Reads all elements of a contiguous entry. If `crc` is not NULL, their bytes are added to the CRC
 * as they pass, so the bytes that are checked are the bytes that are used. */
static bool read_contiguous(copy *c, uint32_t *crc)
{
    const cd_archive_entry *e = c->entry;
    if (!c->bitwise && !need_buffer(c)) return false;
    size_t size;
    for (uint64_t done = 0; done < e->bytes; done += size) {
        size = e->bytes - done < BUFFER ? (size_t)(e->bytes - done) : BUFFER;
        unsigned char *to = c->bitwise ? (unsigned char *)c->out + done : c->buffer;
        if (!read_raw(c, e->offset + done, to, size)) return false;
        if (crc) *crc = cd_crc(*crc, to, size);
        swap(c, to, size);
        if (c->bitwise) continue;
        int64_t index = (int64_t)(done / c->width), count = (int64_t)(size / c->width);
        if (!copy_run(c, to, c->dim[0], count, index)) return false;
    }
    return true;
}

/* *out points to the file's bytes [at, at + size) in the buffer; reads them, and up to
 * c->read_ahead bytes in all, when they are not there yet. */
static bool fetch(copy *c, uint64_t at, size_t size, const unsigned char **out)
{
    uint64_t end = c->buffer_offset + c->buffer_size;
    if (at < c->buffer_offset || at > end || size > end - at) {
        uint64_t left = c->entry->offset + c->entry->bytes - at;
        size_t wanted = c->read_ahead < left ? c->read_ahead : (size_t)left;
        if (wanted < size) wanted = size;
        /* The bytes that are there already are not read again: a deflated storage is read forwards
         * only. */
        size_t kept = at >= c->buffer_offset && at < end ? (size_t)(end - at) : 0;
        if (kept) memmove(c->buffer, c->buffer + (at - c->buffer_offset), kept);
        c->buffer_size = 0;
        if (!read_elements(c, at + kept, c->buffer + kept, wanted - kept)) return false;
        c->buffer_offset = at;
        c->buffer_size = wanted;
    }
    *out = c->buffer + (at - c->buffer_offset);
    return true;
}

/* Reads and copies one run: the elements along the last dimension. Its first element is number
 * file_index from the start of the entry in the file, and number out_index in `out`. */
static bool read_run(copy *c, int64_t file_index, int64_t out_index)
{
    dimension d = c->dim[c->ndim - 1];
    uint64_t at = c->entry->offset + (uint64_t)file_index * c->width,
             step = (uint64_t)d.file_stride * c->width;
    int64_t at_once = step > NEAR ? 1
                      : step == 0 ? d.size
                                  : (int64_t)((BUFFER - c->width) / step) + 1;
    for (int64_t i = 0; i < d.size; i += at_once) {
        int64_t count = d.size - i < at_once ? d.size - i : at_once;
        const unsigned char *bytes;
        if (!fetch(c, at + (uint64_t)i * step, (size_t)((uint64_t)(count - 1) * step + c->width),
                   &bytes) ||
            !copy_run(c, bytes, d, count, out_index + i * d.out_stride)) {
            return false;
        }
    }
    return true;
}

/* How many of the dimension's elements lie before `position`, when the first lies at 0. */
static int64_t count_before(dimension d, int64_t position)
{
    if (position <= 0) return 0;
    if (d.file_stride == 0) return d.size;
    int64_t count = (position - 1) / d.file_stride + 1;
    return count < d.size ? count : d.size;
}

/* Copies the part of a run that lies in the window. */
static bool copy_run_in_window(copy *c, int64_t file_index, int64_t out_index)
{
    dimension d = c->dim[c->ndim - 1];
    int64_t first = count_before(d, c->window_begin - file_index),
            behind = count_before(d, c->window_end - file_index);
    if (first == behind) return true;
    const unsigned char *bytes =
        c->buffer + (size_t)(file_index + first * d.file_stride - c->window_begin) * c->width;
    return copy_run(c, bytes, d, behind - first, out_index + first * d.out_stride);
}

/* Calls `run` for each run along the last dimension. The indices of the other dimensions are
 * counted up like an odometer, the last of them fastest. */
static bool for_each_run(copy *c, bool (*run)(copy *c, int64_t file_index, int64_t out_index))
{
    int64_t index[CD_MAX_DIMS] = { 0 }, file_index = 0, out_index = 0;
    int k;
    do {
        if (!run(c, file_index, out_index)) return false;
        for (k = c->ndim - 2; k >= 0; k--) {
            const dimension *d = &c->dim[k];
            file_index += d->file_stride;
            out_index += d->out_stride;
            if (++index[k] < d->size) break;
            file_index -= d->file_stride * d->size;
            out_index -= d->out_stride * d->size;
            index[k] = 0;
        }
    } while (k >= 0);
    return true;
}

/* For dimensions that overlap: reads the file window by window and visits all runs for each. The
 * longest dimension becomes the last, so that there are few runs. */
static bool read_by_windows(copy *c)
{
    int last = c->ndim - 1, longest = last;
    for (int i = 0; i < last; i++) longest = c->dim[i].size > c->dim[longest].size ? i : longest;
    dimension d = c->dim[longest];
    c->dim[longest] = c->dim[last];
    c->dim[last] = d;
    uint64_t bytes = c->entry->bytes;
    cd_free(c->buffer);
    c->buffer = cd_alloc(bytes < WINDOW ? (size_t)bytes : WINDOW);
    if (!c->buffer) return false;
    size_t size;
    for (uint64_t done = 0; done < bytes; done += size) {
        size = bytes - done < WINDOW ? (size_t)(bytes - done) : WINDOW;
        if (!read_elements(c, c->entry->offset + done, c->buffer, size)) return false;
        c->window_begin = (int64_t)(done / c->width);
        c->window_end = c->window_begin + (int64_t)(size / c->width);
        if (!for_each_run(c, copy_run_in_window)) return false;
    }
    return true;
}

/* Whether the runs go through the file in order: the stride of each dimension is larger
 * than the span of all dimensions inside it (a stride of 0, that of an expanded
 * dimension, is always the last). */
static bool moves_forward(const copy *c)
{
    int64_t span = 0; /* of the dimensions inside this one, in elements */
    for (int i = c->ndim - 1; i >= 0; i--) {
        if (c->dim[i].file_stride <= span && c->dim[i].file_stride > 0) return false;
        span += (c->dim[i].size - 1) * c->dim[i].file_stride;
    }
    return true;
}

/* An entry is dense when there is at least one element in every NEAR + width bytes,
 * about: then all bytes between its elements are read too, once. Elements that lie
 * further apart are read one by one. */
static bool read_strided(copy *c)
{
    bool dense = (uint64_t)c->entry->elements > c->entry->bytes / (NEAR + c->width);
    if (dense && !moves_forward(c)) return read_by_windows(c);
    c->read_ahead = dense ? BUFFER : 0;
    return need_buffer(c) && for_each_run(c, read_run);
}

/* --- CRCs ------------------------------------------------------------------------------------- */

/* The entry's storage if its CRC has still to be compared, or NULL. */
static cd_archive_storage *unchecked_storage(cd_archive *archive, const cd_archive_entry *entry)
{
    if (entry->storage >= archive->storage_count || archive->limits.crc == CD_CRC_OFF) return NULL;
    cd_archive_storage *storage = &archive->storages[entry->storage];
    return storage->unchecked ? storage : NULL;
}

static bool compare_crc(const copy *c, cd_archive_storage *storage, uint32_t crc)
{
    char shown[64];
    cd_printable(shown, sizeof shown, c->entry->name, strlen(c->entry->name));
    if (crc != storage->crc && c->archive->limits.crc == CD_CRC_ERROR) {
        return cd_source_fail(&c->archive->source, CD_ERR_FORMAT,
                              storage->deflated ? storage->packed_offset : storage->offset,
                              "the data of \"%s\" are damaged: their CRC is %08x, the file says "
                              "%08x",
                              shown, (unsigned)crc, (unsigned)storage->crc);
    }
    if (crc != storage->crc) {
        cd_log_line(CD_LOG_WARNING, "%s: the data of \"%s\" do not match their CRC",
                    c->archive->source.label, shown);
    }
    storage->unchecked = false;
    return true;
}

/* Reads a contiguous entry and the rest of its storage before and behind it, for the CRC. */
static bool read_contiguous_checked(copy *c, cd_archive_storage *storage)
{
    uint32_t crc = 0;
    uint64_t begin = c->entry->offset, end = begin + c->entry->bytes;
    return add_to_crc(c, storage->offset, begin, &crc) && read_contiguous(c, &crc) &&
           add_to_crc(c, end, storage->offset + storage->bytes, &crc) &&
           compare_crc(c, storage, crc);
}

/* Reads the whole storage for its CRC alone. */
static bool check_whole_storage(copy *c, cd_archive_storage *storage)
{
    uint32_t crc = 0;
    return add_to_crc(c, storage->offset, storage->offset + storage->bytes, &crc) &&
           compare_crc(c, storage, crc);
}

/* `storage` is the one whose CRC has still to be compared, or NULL. */
static bool read_entry(copy *c, cd_archive_storage *storage)
{
    if (c->entry->elements == 0) return !storage || check_whole_storage(c, storage);
    order_dimensions(c);
    if (is_contiguous(c)) {
        return storage ? read_contiguous_checked(c, storage) : read_contiguous(c, NULL);
    }
    return (!storage || check_whole_storage(c, storage)) && read_strided(c);
}

/* --- the calls -------------------------------------------------------------------------------- */

static bool can_convert(cd_file_dtype from, cd_dtype as)
{
    switch (cd_file_dtype_kind(from)) {
    case CD_FILE_KIND_FLOAT:
        return cd_is_floating(as);
    case CD_FILE_KIND_INTEGER:
        return as == CD_I64 || as == CD_I32 || as == CD_U8;
    case CD_FILE_KIND_BOOL:
        return as == CD_BOOL;
    case CD_FILE_KIND_OTHER:
        break;
    }
    return false;
}

bool cd_archive_read_size(const cd_archive *archive, const cd_archive_entry *entry, cd_dtype as,
                          size_t *bytes)
{
    if (can_convert(entry->dtype, as) &&
        cd_checked_bytes(entry->elements, cd_dtype_size(as), bytes)) {
        return true;
    }
    char shown[64];
    return cd_fail(CD_ERR_UNSUPPORTED, "%s: \"%s\" holds %s, which cannot be read as %s",
                   archive->source.label,
                   cd_printable(shown, sizeof shown, entry->name, strlen(entry->name)),
                   cd_file_dtype_name(entry->dtype), cd_dtype_name(as));
}

bool cd_archive_read(cd_archive *archive, const cd_archive_entry *entry, cd_dtype as, void *out)
{
    size_t bytes;
    if (!cd_archive_read_size(archive, entry, as, &bytes)) return false;
    bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    copy c = { .archive = archive,
               .entry = entry,
               .as = as,
               .width = (size_t)cd_file_dtype_bits(entry->dtype) / 8,
               .bitwise = little && as != CD_BOOL && cd_file_dtype_of(as) == entry->dtype,
               .out = out };
    bool ok = read_entry(&c, unchecked_storage(archive, entry));
    cd_free(c.buffer);
    cd_inflate_close(c.inflate);
    return ok && cd_source_unchanged(&archive->source);
}
