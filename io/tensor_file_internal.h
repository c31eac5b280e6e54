/* What the library itself needs of cd_tensor_file, the public object around a cd_archive. */
#ifndef CANDELA_IO_TENSOR_FILE_INTERNAL_H
#define CANDELA_IO_TENSOR_FILE_INTERNAL_H

#include "io/archive_internal.h"

/* The archive of the file, which lives as long as the file. NULL with CD_ERR_ARGUMENT, in which
 * `function` is named, when `f` is NULL or no tensor file. */
cd_archive *cd_tensor_file_archive(const cd_tensor_file *f, const char *function);

/* Whether exactly one of a path and an opened file is given. False with CD_ERR_ARGUMENT. */
bool cd_check_path_or_file(const char *path, const cd_tensor_file *f, const char *function);

/* Reads an entry into a new tensor of this dtype on the processor (step 8 of cd_load, see
 * checkpoint.c). The caller is its only owner. */
cd_tensor *cd_archive_tensor(cd_archive *archive, const cd_archive_entry *entry, cd_dtype dtype);

#endif
