/* The reader of IDX files. A file is
 *
 *     0 0 TYPE RANK    4 bytes; TYPE as in type_of
 *     sizes            RANK of them, big-endian uint32
 *     elements         big-endian, in row-major order
 *
 * A gzip file is unpacked piece by piece, so that its header is checked before memory for the
 * elements is taken. */
#include "io/idx_internal.h"

#include <string.h>

#define ZLIB_CONST
#include "core/memory_internal.h"
#include "io/source_internal.h"
#include "io/inflate_internal.h"

enum { GZIP_FIRST = 0x1F, GZIP_SECOND = 0x8B }; /* the first bytes of a gzip member */

/* CD_FILE_NONE for a code that IDX does not have. */
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

/* --- the header and the elements -------------------------------------------------------------- */

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

/* Turns big-endian elements of `width` bytes into the host's byte order, in place. */
static void swap_bytes(unsigned char *data, size_t bytes, size_t width)
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

/* Reads the header: the dtype, the shape, and the bytes that the elements must have. */
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
        !cd_checked_bytes(elements, width, &out->bytes)) {
        return cd_bytes_fail(cursor->bytes, CD_ERR_FORMAT, 4, "the product of its sizes overflows");
    }
    return true;
}

/* The elements begin at byte `at` and are `found` bytes; `more` goes behind that number. */
static bool wrong_length(const cd_source *source, const cd_idx *out, size_t at, uint64_t found,
                         const char *more)
{
    char text[CD_SHAPE_TEXT];
    return cd_source_fail(source, CD_ERR_FORMAT, at,
                          "%s elements of %s take %zu bytes from here on, and there are %llu%s",
                          cd_shape_text(out->shape, text), cd_file_dtype_name(out->dtype),
                          out->bytes, (unsigned long long)found, more);
}

/* The longest header. */
enum { HEADER_MAX = 4 + 4 * CD_MAX_DIMS };

static bool read_plain(const cd_source *source, cd_idx *out)
{
    unsigned char header[HEADER_MAX];
    size_t most = source->size < HEADER_MAX ? (size_t)source->size : HEADER_MAX;
    if (!cd_source_read(source, 0, header, most)) return false;
    cd_bytes bytes;
    cd_bytes_borrow(&bytes, source->label, header, most);
    cd_cursor cursor = cd_cursor_over(&bytes);
    if (!read_header(&cursor, out)) return false;
    uint64_t left = source->size - cursor.at;
    if (left != out->bytes) return wrong_length(source, out, cursor.at, left, "");
    out->data = cd_alloc(out->bytes);
    return out->data && cd_source_read(source, cursor.at, out->data, out->bytes);
}

/* --- gzip ------------------------------------------------------------------------------------- */

/* Deflate unpacks one byte to at most CD_INFLATE_RATIO_MAX, so a file that declares more elements
 * than that is refused before memory is taken. INPUT is how many bytes of the file are read at
 * once. */
enum { INPUT = 1 << 16 };

typedef struct unpacker {
    const cd_source *source;
    z_stream z;
    uint64_t read; /* bytes of the file read so far; zlib has not used the last z.avail_in */
    bool ended;    /* the whole file is unpacked, and all its checksums and lengths were right */
    unsigned char input[INPUT];
} unpacker;

/* The offset in the file up to which zlib has read. */
static uint64_t position(const unpacker *u)
{
    return u->read - u->z.avail_in;
}

static bool zlib_error(const unpacker *u, int result)
{
    if (result == Z_MEM_ERROR) return cd_fail(CD_ERR_MEMORY, "%s: out of memory", u->source->label);
    const char *reason = u->z.msg ? u->z.msg : "";
    return cd_source_fail(u->source, CD_ERR_FORMAT, position(u),
                          "the gzip data are damaged or cut short%s%s", *reason ? ": " : "",
                          reason);
}

/* Reads on when zlib has no input left. At the end of the file avail_in stays 0. */
static bool refill(unpacker *u)
{
    if (u->z.avail_in > 0) return true;
    uint64_t left = u->source->size - u->read;
    size_t size = left < INPUT ? (size_t)left : INPUT;
    if (!cd_source_read(u->source, u->read, u->input, size)) return false;
    u->read += size;
    u->z.next_in = u->input;
    u->z.avail_in = (uInt)size;
    return true;
}

/* Goes on after the end of a gzip member: zeros may follow, as on padded tapes, and then another
 * member, or the end of the file, which sets `ended`. */
static bool next_member(unpacker *u)
{
    for (;;) {
        if (!refill(u)) return false;
        if (u->z.avail_in == 0) {
            u->ended = true;
            return true;
        }
        if (*u->z.next_in != 0) break;
        u->z.next_in++;
        u->z.avail_in--;
    }
    if (*u->z.next_in != GZIP_FIRST) {
        uint64_t rest = u->source->size - position(u);
        return cd_source_fail(
            u->source, CD_ERR_FORMAT, position(u), "the gzip data end here, and %llu byte%s none",
            (unsigned long long)rest, rest == 1 ? " follows that is" : "s follow that are");
    }
    int result = inflateReset(&u->z);
    return result == Z_OK || zlib_error(u, result);
}

/* Unpacks `size` bytes. *got is fewer only if the file ends before. A gzip file may have several
 * members, one after the other. */
static bool unpack(unpacker *u, unsigned char *to, size_t size, size_t *got)
{
    z_stream *z = &u->z;
    z->next_out = to;
    z->avail_out = (uInt)size;
    while (z->avail_out > 0 && !u->ended) {
        if (!refill(u)) return false;
        int result = inflate(z, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            if (!next_member(u)) return false;
        } else if (result != Z_OK) {
            return zlib_error(u, result);
        }
    }
    *got = size - z->avail_out;
    return true;
}

/* Unpacks and reads the header, and compares the size that it declares with the limit and with what
 * the file can hold. */
static bool unpack_header(unpacker *u, cd_idx *out, size_t *header_size)
{
    unsigned char header[HEADER_MAX];
    size_t size, more = 0;
    if (!unpack(u, header, 4, &size)) return false;
    if (size == 4 && header[3] <= CD_MAX_DIMS) {
        if (!unpack(u, header + 4, 4 * (size_t)header[3], &more)) return false;
    }
    cd_bytes unpacked;
    cd_bytes_borrow(&unpacked, u->source->label, header, size + more);
    cd_cursor cursor = cd_cursor_over(&unpacked);
    if (!read_header(&cursor, out)) return false;
    *header_size = cursor.at;
    if (out->bytes > CD_IDX_MAX) {
        return cd_fail(CD_ERR_MEMORY, "%s: it unpacks to %zu bytes, and the limit is %zu",
                       u->source->label, out->bytes, CD_IDX_MAX);
    }
    if (out->bytes / CD_INFLATE_RATIO_MAX > u->source->size) {
        return wrong_length(u->source, out, *header_size, u->source->size, " compressed ones");
    }
    return true;
}

/* Unpacks the elements into exactly the memory that the header asks for, then sees whether a byte
 * is left over. */
static bool unpack_all(unpacker *u, cd_idx *out)
{
    size_t header_size = 0, got, excess = 0;
    unsigned char byte;
    if (!unpack_header(u, out, &header_size)) return false;
    out->data = cd_alloc(out->bytes);
    if (!out->data || !unpack(u, out->data, out->bytes, &got)) return false;
    if (!u->ended && !unpack(u, &byte, 1, &excess)) return false;
    if (got == out->bytes && excess == 0) return true;
    return wrong_length(u->source, out, header_size, got, excess ? " and more" : "");
}

static bool read_gzip(const cd_source *source, cd_idx *out)
{
    unpacker *u = cd_alloc_zeroed(1, sizeof *u);
    if (!u) return false;
    u->source = source;
    u->z = (z_stream){ .zalloc = cd_zlib_alloc, .zfree = cd_zlib_free, .next_in = u->input };
    int result = inflateInit2(&u->z, 16 + MAX_WBITS); /* 16: gzip; its CRC and length are checked */
    bool right = result == Z_OK ? unpack_all(u, out) : zlib_error(u, result);
    if (result == Z_OK) (void)inflateEnd(&u->z);
    cd_free(u);
    return right;
}

/* --- the calls -------------------------------------------------------------------------------- */

static bool read_any(const cd_source *source, cd_idx *out)
{
    unsigned char start[2] = { 0 };
    size_t size = source->size < sizeof start ? (size_t)source->size : sizeof start;
    if (!cd_source_read(source, 0, start, size)) return false;
    bool gzip = start[0] == GZIP_FIRST && start[1] == GZIP_SECOND;
    return (gzip ? read_gzip(source, out) : read_plain(source, out)) && cd_source_unchanged(source);
}

static bool read_source(const cd_source *source, cd_idx *out)
{
    bool right = read_any(source, out);
    if (right) {
        swap_bytes(out->data, out->bytes, (size_t)cd_file_dtype_bits(out->dtype) / 8);
    } else {
        cd_idx_free(out);
    }
    return right;
}

bool cd_idx_open(cd_idx *out, const char *path)
{
    *out = (cd_idx){ .data = NULL };
    cd_source source;
    if (!cd_source_open(&source, path)) return false;
    bool right = read_source(&source, out);
    cd_source_close(&source);
    return right;
}

bool cd_idx_open_memory(cd_idx *out, const char *label, const void *data, size_t size)
{
    *out = (cd_idx){ .data = NULL };
    cd_source source;
    cd_source_borrow(&source, label, data, size);
    return read_source(&source, out);
}

void cd_idx_free(cd_idx *idx)
{
    cd_free(idx->data);
    *idx = (cd_idx){ .data = NULL };
}
