/* A file that is read by offset (step 2 of cd_load, see checkpoint.c).
 *
 * A file can change while it is open: another process cuts it short or copies over it. If it were
 * mapped, that would kill this process with SIGBUS, so no file is mapped. What is needed is read
 * into the reader's memory, and bytes that are not there any more are an error. */
#ifndef CANDELA_IO_SOURCE_INTERNAL_H
#define CANDELA_IO_SOURCE_INTERNAL_H

#include <sys/stat.h>
#include <time.h>

#include "io/budget_internal.h"
#include "io/bytes_internal.h"

/* The most bytes that are read from a pipe or a device, whose length is not known beforehand. */
#define CD_SOURCE_PIPE_MAX ((size_t)1 << 30)

typedef struct cd_source {
    uint64_t size;
    const unsigned char *memory; /* the whole contents; NULL when they are read from `fd` */
    unsigned char *owned;        /* `memory`, when cd_source_close frees it; else NULL */
    bool is_file;                /* `fd` is open */
    int fd;
    struct timespec modified;   /* the file's modification time when it was opened */
    char label[CD_BYTES_LABEL]; /* the path, for messages; of a long path the end */
} cd_source;

/* Opens the file at `path`. A regular file stays open and is read on demand; a pipe, a device or a
 * file of /proc is read whole at once. False, and *source empty, with CD_ERR_IO (missing,
 * forbidden, a folder, more than CD_SOURCE_PIPE_MAX bytes from a pipe), CD_ERR_FORMAT (empty) or
 * CD_ERR_MEMORY. Close it with cd_source_close. */
bool cd_source_open(cd_source *source, const char *path);

/* Makes *source a view of the caller's memory; `label` stands for the path in messages. */
void cd_source_borrow(cd_source *source, const char *label, const void *data, size_t size);

/* Allowed on a zeroed source, and twice. */
void cd_source_close(cd_source *source);

/* Copies `size` bytes from `offset` to `to`. False with CD_ERR_FORMAT when they lie outside the
 * file as it was opened, and with CD_ERR_IO when they cannot be read, because the file has become
 * shorter, for instance. */
bool cd_source_read(const cd_source *source, uint64_t offset, void *to, size_t size);

/* Makes *out the `size` bytes from `offset`: read into memory that is charged to the budget, or
 * borrowed where the source is memory itself. False, and *out empty, with CD_ERR_FORMAT, CD_ERR_IO
 * or CD_ERR_MEMORY. Free it with cd_bytes_release. */
bool cd_source_piece(const cd_source *source, uint64_t offset, uint64_t size, cd_budget *budget,
                     cd_bytes *out);

/* Whether everything that was read since cd_source_open comes from one version of the file: its
 * size and its modification time are the same as then. False with CD_ERR_IO. A reader asks after
 * its last read and before it hands out anything.
 *
 * A file that a rename puts at the path is another file and makes no difference. Not seen is a
 * change within one tick of the file system's clock (some milliseconds), when the file had also
 * been changed in that tick just before it was opened. */
bool cd_source_unchanged(const cd_source *source);

/* Sets the error "LABEL: byte OFFSET: ...", which goes on as `format` says. Returns false. */
bool cd_source_fail(const cd_source *source, cd_code code, uint64_t offset, const char *format, ...)
    CD_PRINTF(4, 5);

/* --- for tests -------------------------------------------------------------------------------- */

/* The system calls that reading makes. A test can replace them to make each of them fail. */
typedef struct cd_read_calls {
    int (*open)(const char *path, int flags);
    int (*fstat)(int fd, struct stat *info);
    ssize_t (*pread)(int fd, void *to, size_t size, off_t at);
    ssize_t (*read)(int fd, void *to, size_t size);
    int (*close)(int fd);
} cd_read_calls;

extern const cd_read_calls *cd_read_calls_used; /* cd_read_calls_system unless a test changes it */
extern const cd_read_calls cd_read_calls_system;

#endif
