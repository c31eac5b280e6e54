/* The safetensors writer, which cd_save uses. The reader (safetensors_read.c) is one of the front
 * ends in archive_internal.h.
 *
 * A safetensors file is a header length (8 bytes, low byte first), a header in JSON, and the data:
 *
 *   { "__metadata__": { KEY: TEXT, ... },
 *     NAME: { "dtype": "F32", "shape": [2, 3], "data_offsets": [BEGIN, END] }, ... }
 *
 * data_offsets count from the end of the header. The data are row-major, low byte first. */
#ifndef CANDELA_IO_SAFETENSORS_INTERNAL_H
#define CANDELA_IO_SAFETENSORS_INTERNAL_H

#include "core/shape.h"
#include "io/archive_internal.h"
#include "io/file_item_internal.h"

/* The most bytes that the format allows for the header. The reader has the header in memory, so its
 * own limit is the budget for descriptions, of which the default (CD_BUDGET_DEFAULT) is less. */
#define CD_SAFETENSORS_HEADER_MAX ((uint64_t)100000000)

/* Writes a file of tensors and metadata; when that fails, a file that was at the path stays as it
 * was (atomic_file_internal.h). The same items give the same bytes in whatever order they come:
 * tensors are sorted by dtype, the widest first, and by name, texts by key. False with
 * CD_ERR_ARGUMENT (a name or key twice; a name that is empty, not UTF-8 or "__metadata__"; a text
 * that is NULL or not UTF-8), CD_ERR_SHAPE, CD_ERR_DTYPE, CD_ERR_UNSUPPORTED (a header longer than
 * the format or the reader allows; a path with the ending of another format), CD_ERR_IO or
 * CD_ERR_MEMORY. */
bool cd_safetensors_write(const char *path, const cd_file_item *items, size_t item_count,
                          const cd_text_pair *texts, size_t text_count);

#endif
