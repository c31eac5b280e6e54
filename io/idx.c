/* IDX: 0, 0, type, rank; `rank` big-endian u32 sizes; big-endian elements in row-major order. */
#include "io/idx_internal.h"

#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "core/memory_internal.h"
#include "io/bytes_internal.h"

static cd_file_dtype type_of(uint8_t code)
{
    switch (code) {
    case 0x08:
        return CD_FILE_U8;
    case 0x09:
        return CD_FILE_I8;
    case 0x0B:
        return CD_FILE_I16;
    case 0x0C:
        return CD_FILE_I32;
    case 0x0D:
        return CD_FILE_F32;
    case 0x0E:
        return CD_FILE_F64;
    default:
        return CD_FILE_NONE;
    }
}

/* --- the header and the elements ---------------------------------------------------------------
 */

static bool read_shape(cd_cursor *cursor, int rank, cd_shape *shape)
{
    if (rank < 1) return cd_bytes_fail(cursor->bytes, CD_ERR_FORMAT, 3, "IDX with no dimensions");
    if (rank > CD_MAX_DIMS) {
        return cd_bytes_fail(cursor->bytes, CD_ERR_UNSUPPORTED, 3,
                             "%d dimensions, and tensors here have up to %d", rank, CD_MAX_DIMS);
    }
    if (!cd_cursor_need(cursor, 4 * (uint64_t)rank, "the list of sizes")) return false;
    shape->ndim = rank;
    for (int i = 0; i < rank; i++) shape->dim[i] = cd_cursor_u32be(cursor);
    return true;
}

/* Turns big-endian elements into the host's, in place. */
static void turn_elements(unsigned char *data, size_t bytes, size_t width)
{
    if (width == 1 || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) return;
    for (size_t at = 0; at < bytes; at += width) {
        for (size_t i = 0; i < width / 2; i++) {
            unsigned char first = data[at + i];
            data[at + i] = data[at + width - 1 - i];
            data[at + width - 1 - i] = first;
        }
    }
}

/* The header of `bytes` (from its start) and the size that the data must have. */
static bool read_header(cd_cursor *cursor, cd_idx *out)
{
    if (!cd_cursor_need(cursor, 4, "IDX' first number")) return false;
    uint16_t zeros = cd_cursor_u16be(cursor);
    uint8_t code = cd_cursor_u8(cursor), rank = cd_cursor_u8(cursor);
    out->dtype = type_of(code);
    if (zeros != 0 || out->dtype == CD_FILE_NONE) {
        return cd_bytes_fail(
            cursor->bytes, CD_ERR_FORMAT, 0,
            "not an IDX file: it must begin with 0, 0 and a type among 08 09 0B 0C "
            "0D 0E, and it begins with %04x%02x",
            (unsigned)zeros, (unsigned)code);
    }
    int64_t elements;
    size_t width = (size_t)cd_file_dtype_bits(out->dtype) / 8;
    if (!read_shape(cursor, rank, &out->shape)) return false;
    if (!cd_shape_elements(out->shape, &elements) ||
        !cd_checked_mul((size_t)elements, width, &out->bytes)) {
        return cd_bytes_fail(cursor->bytes, CD_ERR_FORMAT, 4, "the product of its sizes overflows");
    }
    return true;
}

static bool wrong_length(const cd_bytes *bytes, const cd_idx *out, size_t at, size_t found,
                         const char *more)
{
    char text[CD_SHAPE_TEXT];
    return cd_bytes_fail(bytes, CD_ERR_FORMAT, at,
                         "%s elements of %s take %zu bytes from here on, and there are %zu%s",
                         cd_shape_text(out->shape, text), cd_file_dtype_name(out->dtype),
                         out->bytes, found, more);
}

static bool read_plain(const cd_bytes *bytes, cd_idx *out)
{
    cd_cursor cursor = cd_cursor_over(bytes);
    if (!read_header(&cursor, out)) return false;
    size_t left = cd_cursor_left(&cursor);
    if (left != out->bytes) return wrong_length(bytes, out, cursor.at, left, "");
    out->data = cd_alloc(out->bytes);
    if (!out->data) return false;
    if (out->bytes) memcpy(out->data, bytes->data + cursor.at, out->bytes);
    return true;
}

/* --- gzip ------------------------------------------------------------------------------------- */

static voidpf zlib_alloc(voidpf opaque, uInt items, uInt size)
{
    (void)opaque;
    return cd_alloc_zeroed(items, size);
}

static void zlib_free(voidpf opaque, voidpf pointer)
{
    (void)opaque;
    cd_free(pointer);
}

typedef struct unpacker {
    const cd_bytes *bytes;
    z_stream z;
    bool ended; /* the whole file is unpacked, its CRC and length were right */
} unpacker;

/* Deflate makes at most 1032 bytes of one: what asks for more cannot be there. */
enum { RATIO_MAX = 1032, HEADER_MAX = 4 + 4 * CD_MAX_DIMS };

static bool zlib_error(const unpacker *u, int result)
{
    if (result == Z_MEM_ERROR) return cd_fail(CD_ERR_MEMORY, "%s: out of memory", u->bytes->label);
    const char *reason = u->z.msg ? u->z.msg : "";
    return cd_bytes_fail(u->bytes, CD_ERR_FORMAT, (size_t)(u->z.next_in - u->bytes->data),
                         "the gzip data are damaged or cut short%s%s", *reason ? ": " : "", reason);
}

/* Unpacks `size` bytes, fewer only where the file ends. gzip files may have several members. */
static bool unpack(unpacker *u, unsigned char *to, size_t size, size_t *got)
{
    z_stream *z = &u->z;
    z->next_out = to;
    z->avail_out = (uInt)size;
    while (z->avail_out > 0 && !u->ended) {
        size_t left = u->bytes->size - (size_t)(z->next_in - u->bytes->data);
        z->avail_in = (uInt)(left < UINT32_MAX ? left : UINT32_MAX);
        int result = inflate(z, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            u->ended = z->next_in == u->bytes->data + u->bytes->size;
            result = u->ended ? Z_OK : inflateReset(z);
        }
        if (result != Z_OK) return zlib_error(u, result);
    }
    *got = size - z->avail_out;
    return true;
}

/* The header first: what it declares is compared with what the file can hold, then unpacked into
 * exactly that much memory. */
static bool unpack_header(unpacker *u, cd_idx *out, size_t *header_size)
{
    unsigned char header[HEADER_MAX];
    size_t size, more = 0;
    if (!unpack(u, header, 4, &size)) return false;
    if (size == 4 && header[3] <= CD_MAX_DIMS) {
        if (!unpack(u, header + 4, 4 * (size_t)header[3], &more)) return false;
    }
    cd_bytes unpacked;
    cd_bytes_borrow(&unpacked, u->bytes->label, header, size + more);
    cd_cursor cursor = cd_cursor_over(&unpacked);
    if (!read_header(&cursor, out)) return false;
    *header_size = cursor.at;
    if (out->bytes > CD_IDX_MAX) {
        return cd_fail(CD_ERR_MEMORY, "%s: it unpacks to %zu bytes, and the limit is %zu",
                       u->bytes->label, out->bytes, CD_IDX_MAX);
    }
    if (out->bytes / RATIO_MAX > u->bytes->size) {
        return wrong_length(u->bytes, out, *header_size, u->bytes->size, " compressed ones");
    }
    return true;
}

static bool unpack_all(unpacker *u, cd_idx *out)
{
    size_t header_size = 0, got, excess = 0;
    unsigned char byte;
    if (!unpack_header(u, out, &header_size)) return false;
    out->data = cd_alloc(out->bytes);
    if (!out->data || !unpack(u, out->data, out->bytes, &got)) return false;
    if (!u->ended && !unpack(u, &byte, 1, &excess)) return false;
    if (got == out->bytes && excess == 0) return true;
    return wrong_length(u->bytes, out, header_size, got, excess ? " and more" : "");
}

static bool read_gzip(const cd_bytes *bytes, cd_idx *out)
{
    unpacker u = { .bytes = bytes,
                   .z = { .zalloc = zlib_alloc, .zfree = zlib_free, .next_in = bytes->data } };
    int result = inflateInit2(&u.z, 16 + MAX_WBITS); /* 16: gzip, with its CRC and length checked */
    if (result != Z_OK) return zlib_error(&u, result);
    bool right = unpack_all(&u, out);
    (void)inflateEnd(&u.z);
    return right;
}

/* --- the calls -------------------------------------------------------------------------------- */

static bool read_bytes(const cd_bytes *bytes, cd_idx *out)
{
    bool gzip = bytes->size >= 2 && bytes->data[0] == 0x1F && bytes->data[1] == 0x8B;
    bool right = gzip ? read_gzip(bytes, out) : read_plain(bytes, out);
    if (right) {
        turn_elements(out->data, out->bytes, (size_t)cd_file_dtype_bits(out->dtype) / 8);
    } else {
        cd_idx_free(out);
    }
    return right;
}

bool cd_idx_open(cd_idx *out, const char *path)
{
    *out = (cd_idx){ .data = NULL };
    cd_bytes bytes;
    if (!cd_bytes_open(&bytes, path)) return false;
    bool right = read_bytes(&bytes, out);
    cd_bytes_close(&bytes);
    return right;
}

bool cd_idx_open_memory(cd_idx *out, const char *label, const void *data, size_t size)
{
    *out = (cd_idx){ .data = NULL };
    cd_bytes bytes;
    cd_bytes_borrow(&bytes, label, data, size);
    return read_bytes(&bytes, out);
}

void cd_idx_free(cd_idx *idx)
{
    cd_free(idx->data);
    *idx = (cd_idx){ .data = NULL };
}
