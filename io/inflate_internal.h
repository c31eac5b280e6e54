/* Reading a range of a file that is compressed with deflate, piece by piece, as an .npz's members
 * are that numpy.savez_compressed wrote. Nothing is unpacked that was not asked for, and no more
 * memory is taken than zlib's own and one buffer, whatever the file says. */
#ifndef CANDELA_IO_INFLATE_INTERNAL_H
#define CANDELA_IO_INFLATE_INTERNAL_H

#include "io/source_internal.h"
#include "io/zlib_memory_internal.h"

/* Deflate unpacks one byte to at most this many. A file that declares more lies. */
enum { CD_INFLATE_RATIO_MAX = 1032 };

enum { CD_INFLATE_INPUT = 1 << 16 }; /* how many bytes of the file are read at once */

typedef struct cd_inflate {
    const cd_source *source;
    uint64_t packed_begin, packed_end; /* the compressed bytes, in the file */
    uint64_t size;                     /* of the unpacked data, as the file says */
    uint64_t at;                       /* how many of them have been unpacked */
    uint64_t next;                     /* offset in the file of the bytes to read next */
    z_stream z;
    unsigned char input[CD_INFLATE_INPUT];
} cd_inflate;

/* Begins to read: the file's `packed` bytes from `offset` on unpack to `size` bytes. NULL with
 * CD_ERR_MEMORY. `source` must outlive it. End it with cd_inflate_close. */
cd_inflate *cd_inflate_open(const cd_source *source, uint64_t offset, uint64_t packed,
                            uint64_t size);
/* NULL is allowed. */
void cd_inflate_close(cd_inflate *inflate);

/* Copies the unpacked bytes [at, at + count) to `to`. They must lie in [0, size). Bytes before the
 * last call's end are reached by unpacking from the start again, so call it in ascending order.
 * When the last byte has been unpacked, the compressed data must end too. False with CD_ERR_FORMAT
 * (damaged, or fewer or more bytes than `size`), CD_ERR_IO or CD_ERR_MEMORY. */
bool cd_inflate_read(cd_inflate *inflate, uint64_t at, void *to, size_t count);

#endif
