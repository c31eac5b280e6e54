/* The writer of NumPy's files. The reader (npy_read.c) is one of the front ends in
 * archive_internal.h. */
#ifndef CANDELA_IO_NPY_WRITE_INTERNAL_H
#define CANDELA_IO_NPY_WRITE_INTERNAL_H

#include "io/file_item_internal.h"

/* Writes an item, whose name is not used, as numpy.save does; when that fails, a file that was at
 * the path stays as it was (atomic_file_internal.h). False with CD_ERR_UNSUPPORTED (a path with the
 * ending of another format), CD_ERR_IO or CD_ERR_MEMORY. */
bool cd_npy_write(const char *path, const cd_file_item *item);

/* Writes items as numpy.savez does, each as NAME.npy, in their order. Fails as cd_npy_write does,
 * and with CD_ERR_ARGUMENT for no item and for a name that cd_save_npz refuses. */
bool cd_npz_write(const char *path, const cd_file_item *items, size_t count);

#endif
