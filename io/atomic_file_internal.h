/* Files that are there complete, or as they were before.
 *
 * The bytes go to a new file in the same folder (".candela-PID-N.tmp"), which takes the place of
 * `path` by a rename once it is on the disk: a crash at any point leaves the old file or the new
 * one, and a program that has the old one mapped keeps it. What a killed process leaves beside it,
 * the next save into the folder removes (temporary_file_internal.h).
 *
 * A symbolic link is followed: the file it points to is replaced, the link stays. The permission
 * bits of a file that is replaced are kept (its owner is not); a new one has those of the umask.
 * What is not a regular file, or may not be written to, is refused. */
#ifndef CANDELA_IO_ATOMIC_FILE_INTERNAL_H
#define CANDELA_IO_ATOMIC_FILE_INTERNAL_H

#include <sys/types.h>

#include "core/api.h"

typedef struct cd_atomic_file cd_atomic_file;

/* NULL with CD_ERR_IO or CD_ERR_MEMORY. End it with commit or abandon. */
cd_atomic_file *cd_atomic_file_open(const char *path);

/* Appends. After a failure only abandon is left. */
bool cd_atomic_file_write(cd_atomic_file *file, const void *bytes, size_t size);

/* Makes it the file at the path, on the disk: flush, fsync, close, rename, fsync of the folder.
 * Frees `file` in any case. False with CD_ERR_IO: the path has what it had before, except when only
 * the last fsync, of the folder, failed; then it has the new file, and the message says so. */
bool cd_atomic_file_commit(cd_atomic_file *file);

/* Removes what was written, and frees `file`; NULL is allowed. */
void cd_atomic_file_abandon(cd_atomic_file *file);

/* The system calls that change something, for tests to stand in for. */
typedef struct cd_file_calls {
    int (*open)(const char *path, int flags, mode_t mode);
    int (*flock)(int fd, int operation);
    ssize_t (*write)(int fd, const void *bytes, size_t size);
    int (*fchmod)(int fd, mode_t mode);
    int (*fsync)(int fd);
    int (*close)(int fd);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
} cd_file_calls;

/* What is called; the system's own at first. */
extern const cd_file_calls *cd_file_calls_used;
extern const cd_file_calls cd_file_calls_system;

#endif
