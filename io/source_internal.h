/* A file that is read by offset.
 *
 * Files can change while they are open: another process cuts one short, or copies over it. A mapped
 * file would then kill the host with SIGBUS, so none is mapped. What is needed is read into memory
 * of the reader's, and what is not there any more is an error. */
#ifndef CANDELA_IO_SOURCE_INTERNAL_H
#define CANDELA_IO_SOURCE_INTERNAL_H

#include <sys/stat.h>
#include <time.h>

#include "io/budget_internal.h"
#include "io/bytes_internal.h"

/* A pipe or a device has no length to check against, so no more than this is read of it. */
#define CD_SOURCE_PIPE_MAX ((size_t)1 << 30)

typedef struct cd_source {
    uint64_t size;
    const unsigned char *memory; /* all of it; NULL where it is read from `fd` */
    unsigned char *owned;        /* `memory`, when close frees it */
    bool is_file;                /* `fd` is open */
    int fd;
    struct timespec modified;   /* when the file had last been changed as it was opened */
    char label[CD_BYTES_LABEL]; /* the path, for messages; a long one keeps its end */
} cd_source;

/* Opens the file at `path`. A regular file stays open and is read as asked for; a pipe, a device or
 * a file of /proc is read whole here. False, and *source empty, with CD_ERR_IO for what is missing,
 * forbidden, or a folder, with CD_ERR_FORMAT for an empty file. Close it with cd_source_close. */
bool cd_source_open(cd_source *source, const char *path);

/* A source over memory that the caller keeps; `label` stands for the path in messages. */
void cd_source_borrow(cd_source *source, const char *label, const void *data, size_t size);

/* Allowed on a zeroed source, and twice. */
void cd_source_close(cd_source *source);

/* Copies `size` bytes from offset `at` to `to`. False with CD_ERR_IO when they cannot be read,
 * because the file has become shorter, for instance. */
bool cd_source_read(const cd_source *source, uint64_t at, void *to, size_t size);

/* `size` bytes from offset `at` as `out`: charged to the budget, or borrowed where the source is
 * memory already. False with CD_ERR_IO or CD_ERR_MEMORY, and *out empty. Give it back with
 * cd_bytes_release. */
bool cd_source_piece(const cd_source *source, uint64_t at, uint64_t size, cd_budget *budget,
                     cd_bytes *out);

/* True when all that was read since cd_source_open comes from one version of the file: its size and
 * the time of its last change are what they were. False with CD_ERR_IO otherwise. A reader asks
 * after its last read, and before it hands anything on.
 *
 * A file that a rename puts at the same path is another file and changes nothing. A change within
 * the tick of the file system's clock (some milliseconds) in which the file had been changed just
 * before it was opened cannot be seen. */
bool cd_source_unchanged(const cd_source *source);

/* Sets an error that begins "LABEL: byte AT: " and goes on as `format` says. Returns false. */
bool cd_source_fail(const cd_source *source, cd_code code, uint64_t at, const char *format, ...)
    CD_PRINTF(4, 5);

/* --- for tests ----------------------------------------------------------------------------------
 */

/* The calls of the system that reading makes, so that tests can let each of them fail. */
typedef struct cd_read_calls {
    int (*open)(const char *path, int flags);
    int (*fstat)(int fd, struct stat *info);
    ssize_t (*pread)(int fd, void *to, size_t size, off_t at);
    ssize_t (*read)(int fd, void *to, size_t size);
    int (*close)(int fd);
} cd_read_calls;

extern const cd_read_calls *cd_read_calls_used;
extern const cd_read_calls cd_read_calls_system;

#endif
