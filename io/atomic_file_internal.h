/* Files that are written whole or not at all, for cd_save.
 *
 * The bytes go to a temporary file in the same folder (".candela-PID-N.tmp",
 * temporary_file_internal.h). Once the temporary file is on the disk, a rename puts it at `path`. A
 * crash at any point leaves the old file or the new one, and a program that has the old file mapped
 * keeps the old one.
 *
 * A symbolic link is followed: its target is replaced and the link stays. A replaced file's
 * permission bits are kept, its owner is not; a new file's permissions follow the umask. A path
 * that is no regular file, or that may not be written to, is refused. */
#ifndef CANDELA_IO_ATOMIC_FILE_INTERNAL_H
#define CANDELA_IO_ATOMIC_FILE_INTERNAL_H

#include <sys/types.h>

#include "core/api.h"

typedef struct cd_atomic_file cd_atomic_file;

/* Begins to write the file at `path`. NULL with CD_ERR_IO or CD_ERR_MEMORY. End it with
 * cd_atomic_file_commit or cd_atomic_file_abandon. */
cd_atomic_file *cd_atomic_file_open(const char *path);

/* Appends bytes. False with CD_ERR_IO; then only cd_atomic_file_abandon may be called. */
bool cd_atomic_file_write(cd_atomic_file *file, const void *bytes, size_t size);

/* Puts the new file at its path: flush, fsync, close, rename, fsync of the folder. Frees `file` in
 * any case. False with CD_ERR_IO, and the path has what it had before. One case is different: when
 * only the fsync of the folder fails, the new file is at its path, and the error says so. */
bool cd_atomic_file_commit(cd_atomic_file *file);

/* Removes the temporary file and frees `file`; NULL is allowed. */
void cd_atomic_file_abandon(cd_atomic_file *file);

/* The system calls that change something. A test can replace them to make each of them fail. */
typedef struct cd_file_calls {
    int (*open)(const char *path, int flags, mode_t mode);
    int (*flock)(int fd, int operation);
    ssize_t (*write)(int fd, const void *bytes, size_t size);
    int (*fchmod)(int fd, mode_t mode);
    int (*fsync)(int fd);
    int (*close)(int fd);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
    int (*link)(const char *from, const char *to);
} cd_file_calls;

extern const cd_file_calls *cd_file_calls_used; /* cd_file_calls_system unless a test changes it */
extern const cd_file_calls cd_file_calls_system;

#endif
