/* A range of a file's bytes in memory, and a cursor that cannot leave it.
 *
 * Every reader of files goes through these two. A size that a file claims is compared with what is
 * left before it is used; the position is never added to first, so nothing can wrap. What reads a
 * file piece by piece is source_internal.h. */
#ifndef CANDELA_IO_BYTES_INTERNAL_H
#define CANDELA_IO_BYTES_INTERNAL_H

#include "core/api.h"
#include "core/error.h"
#include "core/text_internal.h"

enum { CD_BYTES_LABEL = 192 };

struct cd_budget;

typedef struct cd_bytes {
    const unsigned char *data;
    size_t size;
    uint64_t base;              /* offset in the file of data[0], for messages */
    char label[CD_BYTES_LABEL]; /* the path, for messages; a long one keeps its end */
    unsigned char *owned;       /* memory to give back; NULL if borrowed */
    size_t charged;             /* bytes of `owned` that are charged to a budget */
} cd_bytes;

/* Reads the whole file at `path`, or what a pipe gives, into memory. False, and *bytes
 * empty, with CD_ERR_IO for what is missing, forbidden, or a folder, or changes while it is read;
 * with CD_ERR_FORMAT for an empty file, with CD_ERR_UNSUPPORTED for more than `most` bytes. Close
 * it with cd_bytes_close. */
bool cd_bytes_open(cd_bytes *bytes, const char *path, size_t most);

/* The same view of memory that the caller keeps; `label` stands for the path in messages. */
void cd_bytes_borrow(cd_bytes *bytes, const char *label, const void *data, size_t size);

/* Allowed on zeroed bytes, and twice. The label stays. */
void cd_bytes_close(cd_bytes *bytes);
/* The same for what cd_source_piece read. */
void cd_bytes_release(cd_bytes *bytes, struct cd_budget *budget);

/* Copies a path into a label; of one that is too long the end. */
void cd_bytes_label(char label[CD_BYTES_LABEL], const char *path);

/* Sets an error that begins "LABEL: byte N: " and goes on as `format` says; N, counted in the file,
 * is `at`, counted in these bytes, and their base. Returns false. */
bool cd_bytes_fail(const cd_bytes *bytes, cd_code code, uint64_t at, const char *format, ...)
    CD_PRINTF(4, 5);

/* A position in [at, end) of some bytes. `at` never passes `end`, and `end` never the size. */
typedef struct cd_cursor {
    const cd_bytes *bytes;
    size_t at;
    size_t end;
} cd_cursor;

/* Over all of them. */
cd_cursor cd_cursor_over(const cd_bytes *bytes);

static inline size_t cd_cursor_left(const cd_cursor *cursor)
{
    return cursor->end - cursor->at;
}

/* False with CD_ERR_FORMAT when fewer than `size` bytes are left for `what`. */
bool cd_cursor_need(const cd_cursor *cursor, uint64_t size, const char *what);
bool cd_cursor_skip(cd_cursor *cursor, uint64_t size, const char *what);

/* The next value, moving past it. Ask cd_cursor_need first: past the end they give 0 and stay. */
uint8_t cd_cursor_u8(cd_cursor *cursor);
uint16_t cd_cursor_u16le(cd_cursor *cursor);
uint32_t cd_cursor_u32le(cd_cursor *cursor);
uint64_t cd_cursor_u64le(cd_cursor *cursor);
uint16_t cd_cursor_u16be(cd_cursor *cursor);
uint32_t cd_cursor_u32be(cd_cursor *cursor);
uint64_t cd_cursor_u64be(cd_cursor *cursor);

/* `size` (1 to 8) bytes at `from` as a number, whatever the alignment and the host's byte order. */
uint64_t cd_load_le(const unsigned char *from, int size);
uint64_t cd_load_be(const unsigned char *from, int size);

/* Copies text of a file into a sentence, of which it shall take at most `out_size` bytes: escaped,
 * as in cd_escape_text. Returns `out`. */
char *cd_printable(char *out, size_t out_size, const void *text, size_t size);

#endif
