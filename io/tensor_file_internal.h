/* Opened files of tensors, for the library's own files. */
#ifndef CANDELA_IO_TENSOR_FILE_INTERNAL_H
#define CANDELA_IO_TENSOR_FILE_INTERNAL_H

#include "io/archive_internal.h"

/* The archive behind it, which lives as long; NULL, with an error, for what is no opened file. */
cd_archive *cd_tensor_file_archive(const cd_tensor_file *f, const char *function);

/* Whether just one of the two is given; else CD_ERR_ARGUMENT. */
bool cd_tensor_file_one(const char *path, const cd_tensor_file *f, const char *function);

/* An entry's elements as a new tensor of this dtype, one owner: the caller. */
cd_tensor *cd_archive_tensor(cd_archive *archive, const cd_archive_entry *entry, cd_dtype dtype);

#endif
