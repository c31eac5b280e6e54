/* The temporary files of saves, ".candela-PID-N.tmp" in the folder of the file that is saved
 * (atomic_file.c).
 *
 * Each temporary file is locked (flock) until it has its final name, and a lock ends with its
 * process, however the process ends. So an unlocked one was left by a killed process. The next save
 * into the folder removes the files whose name has exactly this form, that are regular files of the
 * same user, and whose lock can be taken. It touches nothing else and follows no links.
 *
 * On a file system without locks nothing is removed. On one whose locks are known to a single
 * machine only (NFS mounted with nolock), machines that save into one folder at the same time may
 * remove each other's temporary files: such a save fails, and the file that was there stays. */
#ifndef CANDELA_IO_TEMPORARY_FILE_INTERNAL_H
#define CANDELA_IO_TEMPORARY_FILE_INTERNAL_H

#include <limits.h>
#include <sys/types.h>

#include "core/api.h"

/* lock is -1 when there is no file. */
typedef struct cd_temporary {
    int fd;         /* for writing; the writer may close it, and sets it to -1 then */
    int lock;       /* a duplicate of fd with the lock, open until the file is renamed or removed */
    int registered; /* index in the list of cd_remove_unfinished (checkpoint.h); -1: not in it */
    char path[PATH_MAX];
} cd_temporary;

/* Makes an empty temporary file in `folder` ("" is the root), open for writing. Returns 0, or the
 * errno of what failed; then there is no file. */
int cd_temporary_create(cd_temporary *t, const char *folder, mode_t mode);

/* To be called after the file was renamed: releases the lock. */
void cd_temporary_renamed(cd_temporary *t);

/* Removes the file and releases the lock. Does nothing when there is no file. */
void cd_temporary_remove(cd_temporary *t);

/* Removes the files that killed processes left in the folder. A file that cannot be removed stays,
 * without an error. */
void cd_temporary_clean(const char *folder);

#endif
