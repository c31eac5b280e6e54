/* Copying an entry out of its file: order, byte order and dtype. */
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

typedef struct copy {
    const cd_archive *archive;
    const cd_archive_entry *entry;
    cd_dtype as;
    size_t size; /* of an element in the file */
    bool plain;  /* the file's bytes are the host's */
    void *out;
} copy;

static bool integer_fails(const copy *c, int64_t index)
{
    char shown[64];
    const char *name = c->entry->name;
    return cd_bytes_fail(&c->archive->bytes, CD_ERR_FORMAT,
                         (uint64_t)(c->entry->data - c->archive->bytes.data),
                         "element %lld of \"%s\" (%s) does not fit %s", (long long)index,
                         cd_printable(shown, sizeof shown, name, strlen(name)),
                         cd_file_dtype_name(c->entry->dtype), cd_dtype_name(c->as));
}

static bool copy_integers(const copy *c, const unsigned char *from, int64_t step, int64_t count,
                          int64_t index)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t value;
        const unsigned char *at = from + (size_t)(i * step) * c->size;
        if (!load_integer(at, c->entry->dtype, &value) ||
            !store_integer(value, c->as, index + i, c->out)) {
            return integer_fails(c, index + i);
        }
    }
    return true;
}

static void copy_floats(const copy *c, const unsigned char *from, int64_t step, int64_t count,
                        int64_t index)
{
    for (int64_t i = 0; i < count; i++) {
        double value = load_float(from + (size_t)(i * step) * c->size, c->entry->dtype);
        if (c->as == CD_F64) {
            ((double *)c->out)[index + i] = value;
        } else {
            ((float *)c->out)[index + i] = (float)value;
        }
    }
}

/* `count` elements, `step` elements apart, to out[index] and on. */
static bool copy_run(const copy *c, const unsigned char *from, int64_t step, int64_t count,
                     int64_t index)
{
    if (c->plain) {
        unsigned char *to = (unsigned char *)c->out + (size_t)index * c->size;
        if (step == 1) {
            memcpy(to, from, (size_t)count * c->size);
            return true;
        }
        for (int64_t i = 0; i < count; i++) {
            memcpy(to + (size_t)i * c->size, from + (size_t)(i * step) * c->size, c->size);
        }
        return true;
    }
    switch (cd_file_dtype_kind(c->entry->dtype)) {
    case CD_FILE_KIND_INTEGER:
        return copy_integers(c, from, step, count, index);
    case CD_FILE_KIND_FLOAT:
        copy_floats(c, from, step, count, index);
        return true;
    default:
        for (int64_t i = 0; i < count; i++) {
            ((uint8_t *)c->out)[index + i] = from[(size_t)(i * step) * c->size] != 0;
        }
        return true;
    }
}

static bool is_contiguous(const cd_archive_entry *entry)
{
    int64_t expected = 1;
    for (int i = entry->shape.ndim - 1; i >= 0; i--) {
        if (entry->shape.dim[i] != 1 && entry->stride[i] != expected) return false;
        expected *= entry->shape.dim[i];
    }
    return true;
}

/* All runs along the last dimension, the others counted like an odometer. */
static bool copy_all(const copy *c)
{
    const cd_archive_entry *e = c->entry;
    if (e->elements == 0) return true;
    if (is_contiguous(e)) return copy_run(c, e->data, 1, e->elements, 0);
    int last = e->shape.ndim - 1;
    int64_t at[CD_MAX_DIMS] = { 0 }, offset = 0, run = e->shape.dim[last];
    for (int64_t index = 0; index < e->elements; index += run) {
        if (!copy_run(c, e->data + (size_t)offset * c->size, e->stride[last], run, index)) {
            return false;
        }
        for (int d = last - 1; d >= 0; d--) {
            if (e->shape.dim[d] == 1) continue; /* its stride may be any number */
            offset += e->stride[d];
            if (++at[d] < e->shape.dim[d]) break;
            offset -= e->stride[d] * e->shape.dim[d];
            at[d] = 0;
        }
    }
    return true;
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
        cd_checked_mul((size_t)entry->elements, cd_dtype_size(as), bytes)) {
        return true;
    }
    char shown[64];
    return cd_fail(CD_ERR_UNSUPPORTED, "%s: \"%s\" holds %s, which cannot be read as %s",
                   archive->bytes.label,
                   cd_printable(shown, sizeof shown, entry->name, strlen(entry->name)),
                   cd_file_dtype_name(entry->dtype), cd_dtype_name(as));
}

static bool check_crc(cd_archive *archive, const cd_archive_entry *entry)
{
    if (entry->storage >= archive->storage_count) return true; /* the container has no CRCs */
    cd_archive_storage *storage = &archive->storages[entry->storage];
    if (!storage->unchecked || archive->limits.crc == CD_CRC_OFF) return true;
    uint32_t crc = (uint32_t)crc32_z(0, storage->data, storage->bytes);
    if (crc != storage->crc) {
        char shown[64];
        cd_printable(shown, sizeof shown, entry->name, strlen(entry->name));
        if (archive->limits.crc == CD_CRC_ERROR) {
            return cd_bytes_fail(
                &archive->bytes, CD_ERR_FORMAT, (uint64_t)(storage->data - archive->bytes.data),
                "the data of \"%s\" are damaged: their CRC is %08x, the file says %08x", shown,
                (unsigned)crc, (unsigned)storage->crc);
        }
        cd_log_line(CD_LOG_WARNING, "%s: the data of \"%s\" do not match their CRC",
                    archive->bytes.label, shown);
    }
    storage->unchecked = false;
    return true;
}

bool cd_archive_read(cd_archive *archive, const cd_archive_entry *entry, cd_dtype as, void *out)
{
    size_t bytes;
    if (!cd_archive_read_size(archive, entry, as, &bytes)) return false;
    if (!check_crc(archive, entry)) return false;
    bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    copy c = { .archive = archive,
               .entry = entry,
               .as = as,
               .size = (size_t)cd_file_dtype_bits(entry->dtype) / 8,
               .plain = little && as != CD_BOOL && cd_file_dtype_of(as) == entry->dtype,
               .out = out };
    return copy_all(&c);
}
