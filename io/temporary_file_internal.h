/* Temporary files of saves, ".candela-PID-N.tmp" in the folder of the file that they replace.
 *
 * Each is locked (flock) as long as its writer needs it, and the lock ends with the process however
 * that ends. So what a killed process left is told from what another one is writing: the next save
 * into the folder removes the files with exactly such a name that are regular, the user's own, and
 * whose lock can be had. Nothing else is touched, and links are not followed.
 *
 * Where a file system has no locks nothing is removed. Where it keeps them to one machine (NFS
 * mounted with nolock), machines that write into one folder at the same time may remove each
 * other's: such a save fails, and the file that was there stays. */
#ifndef CANDELA_IO_TEMPORARY_FILE_INTERNAL_H
#define CANDELA_IO_TEMPORARY_FILE_INTERNAL_H

#include <limits.h>
#include <sys/types.h>

#include "core/api.h"

typedef struct cd_temporary {
    int fd;     /* for the writer, who may close it and sets it to -1 then */
    int lock;   /* the same file, open until it has its final name or is gone; -1: there is none */
    int listed; /* its place among those that cd_remove_unfinished (checkpoint.h) knows; -1: none */
    char path[PATH_MAX];
} cd_temporary;

/* Makes an empty one in `folder` ("" is the root), open for writing. 0, or the errno of what
 * failed; there is none then. */
int cd_temporary_create(cd_temporary *t, const char *folder, mode_t mode);

/* Its name is gone, by a rename: gives up the lock. */
void cd_temporary_renamed(cd_temporary *t);

/* Removes it. Nothing happens when there is none. */
void cd_temporary_remove(cd_temporary *t);

/* Removes what killed processes left in the folder. What cannot be removed stays, without an error.
 */
void cd_temporary_clean(const char *folder);

#endif
