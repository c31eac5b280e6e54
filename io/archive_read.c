/* Reading an entry out of its file: order, byte order and dtype.
 *
 * An entry whose elements lie in the file as they are wanted is read into its place. For all others
 * a buffer of BUFFER bytes is passed over the file, from its start to its end, whatever the order
 * of the dimensions; where these overlap, so that no order goes straight through the file, it is
 * taken WINDOW bytes at a time. A storage's CRC is computed once, from the bytes that are used
 * where the entry lies in one piece. */
#include <string.h>

#include <zlib.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/archive_internal.h"

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

/* IEEE half: 1 sign, 5 exponent (bias 15), 10 fraction. As float's bits, so that NaNs stay what
 * they are. A subnormal is fraction * 2^-24. */
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

/* False when it is above INT64_MAX. */
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
    BUFFER = 1 << 18, /* a multiple of every element's size; small enough to stay in the cache */
    NEAR = 1024,      /* reading so many bytes too much is cheaper than one more call */
    WINDOW = 1 << 24  /* the same multiple; few, as all runs are counted for each */
};

/* One dimension of a walk over an entry's elements: how far apart they lie, in elements. */
typedef struct dimension {
    int64_t size, from, to; /* in the file; in `out` */
} dimension;

typedef struct copy {
    const cd_archive *archive;
    const cd_archive_entry *entry;
    cd_dtype as;
    size_t size; /* of an element in the file */
    bool plain;  /* the file's bytes are the host's */
    void *out;
    int ndim;
    dimension dim[CD_MAX_DIMS]; /* from far apart in the file to near */
    unsigned char *buffer;      /* NULL until it is needed */
    uint64_t buffer_at;         /* what of the file is in it */
    size_t buffer_size;
    size_t ahead;       /* how much of the file to read at once, if it goes on so far */
    int64_t begin, end; /* what of the entry's extent is in a window, in elements */
} copy;

static bool integer_fails(const copy *c, int64_t index)
{
    char shown[64];
    const char *name = c->entry->name;
    return cd_source_fail(&c->archive->source, CD_ERR_FORMAT, c->entry->at,
                          "element %lld of \"%s\" (%s) does not fit %s", (long long)index,
                          cd_printable(shown, sizeof shown, name, strlen(name)),
                          cd_file_dtype_name(c->entry->dtype), cd_dtype_name(c->as));
}

/* `count` elements at `from`, to out[index] and on; they lie as far apart as `d` says. */
static bool copy_integers(const copy *c, const unsigned char *from, dimension d, int64_t count,
                          int64_t index)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t value, to = index + i * d.to;
        const unsigned char *at = from + (size_t)(i * d.from) * c->size;
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
        double value = load_float(from + (size_t)(i * d.from) * c->size, c->entry->dtype);
        if (c->as == CD_F64) {
            ((double *)c->out)[index + i * d.to] = value;
        } else {
            ((float *)c->out)[index + i * d.to] = (float)value;
        }
    }
}

static void copy_bools(const copy *c, const unsigned char *from, dimension d, int64_t count,
                       int64_t index)
{
    for (int64_t i = 0; i < count; i++) {
        ((uint8_t *)c->out)[index + i * d.to] = from[(size_t)(i * d.from) * c->size] != 0;
    }
}

static void copy_plain(const copy *c, const unsigned char *from, dimension d, int64_t count,
                       int64_t index)
{
    unsigned char *to = (unsigned char *)c->out + (size_t)index * c->size;
    if (d.from == 1 && d.to == 1) {
        memcpy(to, from, (size_t)count * c->size);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        memcpy(to + (size_t)(i * d.to) * c->size, from + (size_t)(i * d.from) * c->size, c->size);
    }
}

static bool copy_run(const copy *c, const unsigned char *from, dimension d, int64_t count,
                     int64_t index)
{
    if (c->plain) {
        copy_plain(c, from, d, count, index);
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

/* The entry's dimensions, those far apart in the file first, so that the walk goes through the file
 * once; neighbours that count on from each other on both sides become one. */
static void plan(copy *c)
{
    const cd_archive_entry *e = c->entry;
    int64_t to = 1;
    for (int i = e->shape.ndim - 1; i >= 0; to *= e->shape.dim[i--]) {
        if (e->shape.dim[i] == 1) continue; /* its stride may be any number */
        int k = c->ndim++;
        for (; k > 0 && c->dim[k - 1].from <= e->stride[i]; k--) c->dim[k] = c->dim[k - 1];
        c->dim[k] = (dimension){ .size = e->shape.dim[i], .from = e->stride[i], .to = to };
    }
    for (int i = c->ndim - 1; i > 0; i--) {
        dimension *far = &c->dim[i - 1], *near = &c->dim[i];
        if (far->from != near->from * near->size || far->to != near->to * near->size) continue;
        *far = (dimension){ .size = far->size * near->size, .from = near->from, .to = near->to };
        memmove(near, near + 1, (size_t)(--c->ndim - i) * sizeof *near);
    }
    if (c->ndim == 0) c->dim[c->ndim++] = (dimension){ .size = 1, .from = 1, .to = 1 };
}

static bool in_one_piece(const copy *c)
{
    return c->ndim == 1 && c->dim[0].from == 1 && c->dim[0].to == 1;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool need_buffer(copy *c)
{
    if (!c->buffer) c->buffer = cd_alloc(BUFFER);
    return c->buffer != NULL;
}

/* Adds the file's bytes [at, end) to the CRC. */
static bool pass_over(copy *c, uint64_t at, uint64_t end, uint32_t *crc)
{
    for (size_t size; at < end; at += size) {
        size = end - at < BUFFER ? (size_t)(end - at) : BUFFER;
        if (!need_buffer(c) || !cd_source_read(&c->archive->source, at, c->buffer, size)) {
            return false;
        }
        *crc = (uint32_t)crc32_z(*crc, c->buffer, size);
    }
    return true;
}

/* All elements of an entry that lies in one piece, whose bytes are added to the CRC, if there is
 * one: what is checked is what is used. */
static bool take(copy *c, uint32_t *crc)
{
    const cd_archive_entry *e = c->entry;
    if (!c->plain && !need_buffer(c)) return false;
    size_t size;
    for (uint64_t done = 0; done < e->bytes; done += size) {
        size = e->bytes - done < BUFFER ? (size_t)(e->bytes - done) : BUFFER;
        unsigned char *to = c->plain ? (unsigned char *)c->out + done : c->buffer;
        if (!cd_source_read(&c->archive->source, e->at + done, to, size)) return false;
        if (crc) *crc = (uint32_t)crc32_z(*crc, to, size);
        if (c->plain) continue;
        int64_t index = (int64_t)(done / c->size), count = (int64_t)(size / c->size);
        if (!copy_run(c, to, c->dim[0], count, index)) return false;
    }
    return true;
}

/* Has the bytes [at, at + size) in the buffer; reads ahead where they are not there yet. */
static bool fetch(copy *c, uint64_t at, size_t size, const unsigned char **out)
{
    uint64_t end = c->buffer_at + c->buffer_size;
    if (at < c->buffer_at || at > end || size > end - at) {
        uint64_t left = c->entry->at + c->entry->bytes - at;
        size_t wanted = c->ahead < left ? c->ahead : (size_t)left;
        if (wanted < size) wanted = size;
        c->buffer_size = 0;
        if (!cd_source_read(&c->archive->source, at, c->buffer, wanted)) return false;
        c->buffer_at = at;
        c->buffer_size = wanted;
    }
    *out = c->buffer + (at - c->buffer_at);
    return true;
}

/* A run along the last dimension; its first element is the one at `from` of the entry's extent. */
static bool gather_run(copy *c, int64_t from, int64_t to)
{
    dimension d = c->dim[c->ndim - 1];
    uint64_t at = c->entry->at + (uint64_t)from * c->size, step = (uint64_t)d.from * c->size;
    int64_t most = step > NEAR ? 1 : step == 0 ? d.size : (int64_t)((BUFFER - c->size) / step) + 1;
    for (int64_t i = 0; i < d.size; i += most) {
        int64_t count = d.size - i < most ? d.size - i : most;
        const unsigned char *bytes;
        if (!fetch(c, at + (uint64_t)i * step, (size_t)((uint64_t)(count - 1) * step + c->size),
                   &bytes) ||
            !copy_run(c, bytes, d, count, to + i * d.to)) {
            return false;
        }
    }
    return true;
}

/* How many of the dimension's elements lie before this place, if the first lies at 0. */
static int64_t count_before(dimension d, int64_t place)
{
    if (place <= 0) return 0;
    if (d.from == 0) return d.size;
    int64_t count = (place - 1) / d.from + 1;
    return count < d.size ? count : d.size;
}

/* What of a run lies in the window. */
static bool window_run(copy *c, int64_t from, int64_t to)
{
    dimension d = c->dim[c->ndim - 1];
    int64_t first = count_before(d, c->begin - from), behind = count_before(d, c->end - from);
    if (first == behind) return true;
    const unsigned char *bytes = c->buffer + (size_t)(from + first * d.from - c->begin) * c->size;
    return copy_run(c, bytes, d, behind - first, to + first * d.to);
}

/* All runs along the last dimension, the others counted like an odometer. */
static bool each_run(copy *c, bool (*run)(copy *c, int64_t from, int64_t to))
{
    int64_t at[CD_MAX_DIMS] = { 0 }, from = 0, to = 0;
    int k;
    do {
        if (!run(c, from, to)) return false;
        for (k = c->ndim - 2; k >= 0; k--) {
            const dimension *d = &c->dim[k];
            from += d->from;
            to += d->to;
            if (++at[k] < d->size) break;
            from -= d->from * d->size;
            to -= d->to * d->size;
            at[k] = 0;
        }
    } while (k >= 0);
    return true;
}

/* The longest dimension becomes the last, so that there are few runs. */
static bool gather_by_windows(copy *c)
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
        if (!cd_source_read(&c->archive->source, c->entry->at + done, c->buffer, size))
            return false;
        c->begin = (int64_t)(done / c->size);
        c->end = c->begin + (int64_t)(size / c->size);
        if (!each_run(c, window_run)) return false;
    }
    return true;
}

/* Whether each step of the odometer goes on behind all that the steps before have passed. */
static bool goes_forward(const copy *c)
{
    int64_t inner = 0; /* what the dimensions nearer than this one span */
    for (int i = c->ndim - 1; i >= 0; i--) {
        if (c->dim[i].from <= inner && c->dim[i].from > 0) return false;
        inner += (c->dim[i].size - 1) * c->dim[i].from;
    }
    return true;
}

/* Elements that lie far apart are read one by one. Where a good part of the file is used, all of it
 * is read, once. */
static bool gather(copy *c)
{
    bool dense = (uint64_t)c->entry->elements > c->entry->bytes / (NEAR + c->size);
    if (dense && !goes_forward(c)) return gather_by_windows(c);
    c->ahead = dense ? BUFFER : 0;
    return need_buffer(c) && each_run(c, gather_run);
}

/* --- CRCs ------------------------------------------------------------------------------------- */

/* The storage whose CRC is to be compared with this reading, or NULL. */
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
        return cd_source_fail(&c->archive->source, CD_ERR_FORMAT, storage->at,
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

/* The storage from its first byte to its last, the entry's as they come. */
static bool take_from(copy *c, cd_archive_storage *storage)
{
    uint32_t crc = 0;
    uint64_t begin = c->entry->at, end = begin + c->entry->bytes;
    return pass_over(c, storage->at, begin, &crc) && take(c, &crc) &&
           pass_over(c, end, storage->at + storage->bytes, &crc) && compare_crc(c, storage, crc);
}

static bool check_first(copy *c, cd_archive_storage *storage)
{
    uint32_t crc = 0;
    return pass_over(c, storage->at, storage->at + storage->bytes, &crc) &&
           compare_crc(c, storage, crc);
}

static bool read_all(copy *c, cd_archive_storage *storage)
{
    if (c->entry->elements == 0) return !storage || check_first(c, storage);
    plan(c);
    if (in_one_piece(c)) return storage ? take_from(c, storage) : take(c, NULL);
    return (!storage || check_first(c, storage)) && gather(c);
}

/* --- the calls -------------------------------------------------------------------------------- */

static bool can_become(cd_file_dtype from, cd_dtype as)
{
    switch (cd_file_dtype_kind(from)) {
    case CD_FILE_KIND_FLOAT:
        return as == CD_F32 || as == CD_F64;
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
    if (can_become(entry->dtype, as) &&
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
               .size = (size_t)cd_file_dtype_bits(entry->dtype) / 8,
               .plain = little && as != CD_BOOL && cd_file_dtype_of(as) == entry->dtype,
               .out = out };
    bool right = read_all(&c, unchecked_storage(archive, entry));
    cd_free(c.buffer);
    return right && cd_source_unchanged(&archive->source);
}
