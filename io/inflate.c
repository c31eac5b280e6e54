/* The reader of inflate_internal.h, over zlib's inflate. */
#include "io/inflate_internal.h"

#include "core/error.h"

cd_inflate *cd_inflate_open(const cd_source *source, uint64_t offset, uint64_t packed,
                            uint64_t size)
{
    cd_inflate *f = cd_alloc(sizeof *f);
    if (!f) return NULL;
    f->source = source;
    f->packed_begin = f->next = offset;
    f->packed_end = offset + packed;
    f->size = size;
    f->at = 0;
    f->z = (z_stream){ .zalloc = cd_zlib_alloc, .zfree = cd_zlib_free };
    if (inflateInit2(&f->z, -MAX_WBITS) == Z_OK) return f; /* minus: no header of zlib's own */
    (void)cd_fail(CD_ERR_MEMORY, "%s: out of memory", source->label);
    cd_free(f);
    return NULL;
}

void cd_inflate_close(cd_inflate *f)
{
    if (!f) return;
    (void)inflateEnd(&f->z);
    cd_free(f);
}

static bool damaged(const cd_inflate *f, const char *sentence)
{
    return cd_source_fail(f->source, CD_ERR_FORMAT, f->next - f->z.avail_in,
                          "the compressed data %s", sentence);
}

/* Reads on when zlib has no input left. At the end of the compressed bytes avail_in stays 0. */
static bool refill(cd_inflate *f)
{
    if (f->z.avail_in > 0) return true;
    uint64_t left = f->packed_end - f->next;
    size_t count = left < CD_INFLATE_INPUT ? (size_t)left : CD_INFLATE_INPUT;
    if (!cd_source_read(f->source, f->next, f->input, count)) return false;
    f->next += count;
    f->z.next_in = f->input;
    f->z.avail_in = (uInt)count;
    return true;
}

/* Unpacks up to `count` bytes. *ended: the compressed data say that they end. */
static bool unpack(cd_inflate *f, unsigned char *to, size_t count, bool *ended)
{
    f->z.next_out = to;
    f->z.avail_out = (uInt)count;
    *ended = false;
    while (f->z.avail_out > 0 && !*ended) {
        if (!refill(f)) return false;
        uInt before = f->z.avail_out, input = f->z.avail_in;
        int result = inflate(&f->z, Z_NO_FLUSH);
        if (result == Z_MEM_ERROR) {
            return cd_fail(CD_ERR_MEMORY, "%s: out of memory", f->source->label);
        }
        *ended = result == Z_STREAM_END;
        if (*ended) break;
        if (result != Z_OK && result != Z_BUF_ERROR) return damaged(f, "are damaged");
        if (before == f->z.avail_out && input == 0) return damaged(f, "are cut short");
    }
    return true;
}

/* Once all bytes are unpacked, nothing more may come out, and no compressed byte be left. */
static bool check_end(cd_inflate *f, bool ended)
{
    unsigned char more;
    if (!ended) {
        if (!unpack(f, &more, 1, &ended)) return false;
        if (f->z.avail_out == 0) return damaged(f, "have more bytes in them than the file says");
    }
    if (f->z.avail_in > 0 || f->next < f->packed_end) {
        return damaged(f, "end before the bytes that the file has for them");
    }
    return true;
}

/* Unpacks the next `count` bytes. */
static bool read_next(cd_inflate *f, unsigned char *to, size_t count)
{
    enum { PIECE = 1 << 30 }; /* zlib counts in 32 bits */
    while (count > 0) {
        size_t piece = count < PIECE ? count : PIECE;
        bool ended;
        if (!unpack(f, to, piece, &ended)) return false;
        if (f->z.avail_out > 0) return damaged(f, "have fewer bytes in them than the file says");
        f->at += piece;
        to += piece;
        count -= piece;
        if (f->at == f->size && !check_end(f, ended)) return false;
    }
    return true;
}

static bool restart(cd_inflate *f)
{
    f->at = 0;
    f->next = f->packed_begin;
    f->z.avail_in = 0;
    return inflateReset(&f->z) == Z_OK || damaged(f, "cannot be read again");
}

bool cd_inflate_read(cd_inflate *f, uint64_t at, void *to, size_t count)
{
    unsigned char passed[4096];
    if (at > f->size || count > f->size - at) {
        return damaged(f, "have fewer bytes in them than are asked for");
    }
    if (at < f->at && !restart(f)) return false;
    while (f->at < at) {
        uint64_t left = at - f->at;
        if (!read_next(f, passed, left < sizeof passed ? (size_t)left : sizeof passed)) {
            return false;
        }
    }
    return read_next(f, to, count);
}
