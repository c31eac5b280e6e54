/* A range of a file's bytes in memory, and a cursor that cannot leave the range.
 *
 * All readers of files use these two. A size that a file claims is compared with the number of
 * bytes that are left before it is used, and never added to a position first, so nothing can
 * overflow. source_internal.h reads a file piece by piece. */
#ifndef CANDELA_IO_BYTES_INTERNAL_H
#define CANDELA_IO_BYTES_INTERNAL_H

#include "core/api.h"
#include "core/error.h"
#include "core/text_internal.h"

enum { CD_BYTES_LABEL = 192 }; /* bytes of a label, its NUL included */

struct cd_budget;

typedef struct cd_bytes {
    const unsigned char *data;
    size_t size;
    uint64_t base;              /* offset of data[0] in the file, for messages */
    char label[CD_BYTES_LABEL]; /* the path, for messages; of a long path the end */
    unsigned char *owned;       /* memory to free; NULL when `data` is borrowed */
    size_t charged;             /* bytes of `owned` that are charged to a budget */
} cd_bytes;

/* Reads the whole file at `path`, or all that a pipe gives, into memory. False, and *bytes empty,
 * with CD_ERR_IO (missing, forbidden, a folder, changed while it was read), CD_ERR_FORMAT (empty),
 * CD_ERR_UNSUPPORTED (more than `max_size` bytes) or CD_ERR_MEMORY. Free it with cd_bytes_close. */
bool cd_bytes_open(cd_bytes *bytes, const char *path, size_t max_size);

/* Makes *bytes a view of the caller's memory; `label` stands for the path in messages. */
void cd_bytes_borrow(cd_bytes *bytes, const char *label, const void *data, size_t size);

/* Frees what cd_bytes_open read. The label stays. Allowed on zeroed bytes, and twice. */
void cd_bytes_close(cd_bytes *bytes);
/* The same for what cd_source_piece read; `budget` is the one it was charged to. */
void cd_bytes_release(cd_bytes *bytes, struct cd_budget *budget);

/* Copies a path into a label; when it is too long, "..." and its end. */
void cd_bytes_label(char label[CD_BYTES_LABEL], const char *path);

/* Sets the error "LABEL: byte N: ...", which goes on as `format` says. N is base + offset: where in
 * the file the byte at `offset` of these bytes is. Returns false. */
bool cd_bytes_fail(const cd_bytes *bytes, cd_code code, uint64_t offset, const char *format, ...)
    CD_PRINTF(4, 5);

/* A position in some bytes: at <= end <= bytes->size. */
typedef struct cd_cursor {
    const cd_bytes *bytes;
    size_t at;  /* index of the next byte */
    size_t end; /* index behind the last byte */
} cd_cursor;

/* A cursor over all of the bytes, at the first one. */
cd_cursor cd_cursor_over(const cd_bytes *bytes);

/* The number of bytes that are left. */
static inline size_t cd_cursor_left(const cd_cursor *cursor)
{
    return cursor->end - cursor->at;
}

/* Whether `size` bytes are left. False with the error "WHAT takes `size` bytes, but N are left". */
bool cd_cursor_need(const cd_cursor *cursor, uint64_t size, const char *what);
/* The same, and moves past them. */
bool cd_cursor_skip(cd_cursor *cursor, uint64_t size, const char *what);

/* The next number, little-endian (le) or big-endian (be), and moves past it. Call cd_cursor_need
 * first: when too few bytes are left, the result is 0 and the cursor stays. */
uint8_t cd_cursor_u8(cd_cursor *cursor);
uint16_t cd_cursor_u16le(cd_cursor *cursor);
uint32_t cd_cursor_u32le(cd_cursor *cursor);
uint64_t cd_cursor_u64le(cd_cursor *cursor);
uint16_t cd_cursor_u16be(cd_cursor *cursor);
uint32_t cd_cursor_u32be(cd_cursor *cursor);
uint64_t cd_cursor_u64be(cd_cursor *cursor);

/* The number in `size` (1 to 8) bytes at `from`, little-endian or big-endian, of any alignment. */
uint64_t cd_load_le(const unsigned char *from, int size);
uint64_t cd_load_be(const unsigned char *from, int size);

/* Copies text of a file for an error, escaped as by cd_escape_text, and cut to fit `out_size`
 * bytes. Returns `out`. */
char *cd_printable(char *out, size_t out_size, const void *text, size_t size);

#endif
