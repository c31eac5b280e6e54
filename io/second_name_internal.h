/* A second name for a file, so that "last.safetensors" is the newest of several without its bytes
 * being written twice. */
#ifndef CANDELA_IO_SECOND_NAME_INTERNAL_H
#define CANDELA_IO_SECOND_NAME_INTERNAL_H

#include "core/api.h"

/* Puts the contents of the file `from`, which is complete and on the disk, at the path `to` in the
 * same folder, whole or not at all: as a hard link, or as a copy where the file system has no
 * links. What was at `to` is replaced; of a symbolic link the link alone, and not what it leads to.
 * Both names then live on their own: a save to one of them (cd_atomic_file) leaves the other as it
 * is. False with CD_ERR_IO or CD_ERR_MEMORY, and a file at `to` has what it had. */
bool cd_second_name(const char *from, const char *to);

#endif
