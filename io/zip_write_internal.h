/* Writing zip archives of stored (not compressed) entries, whole or not at all
 * (atomic_file_internal.h): for .npz, and for other formats that are zip archives.
 *
 * An entry's size and CRC must be known before its data come, as they are for tensors in memory. So
 * every local header is complete and there are no data descriptors. Where it is needed, and in
 * every local header, there are zip64's forms: entries and archives may be of any size. The bytes
 * are those that Python's zipfile writes with force_zip64, dates from 1980 included, so that the
 * same data give the same file. */
#ifndef CANDELA_IO_ZIP_WRITE_INTERNAL_H
#define CANDELA_IO_ZIP_WRITE_INTERNAL_H

#include "core/api.h"

typedef struct cd_zip_writer cd_zip_writer;

/* Begins an archive at `path`. NULL with CD_ERR_IO or CD_ERR_MEMORY. End it with
 * cd_zip_writer_commit or cd_zip_writer_abandon. */
cd_zip_writer *cd_zip_writer_open(const char *path);

/* Begins an entry. `name` is UTF-8 of up to 4096 bytes, `size` the bytes of its data, and `crc`
 * their CRC-32. With an `alignment` above 1 (64 in files of torch.save) the data begin at a
 * multiple of it, behind a padded extra field. The data of the entry before must be complete: else
 * CD_ERR_STATE. */
bool cd_zip_writer_entry(cd_zip_writer *w, const char *name, uint64_t size, uint32_t crc,
                         unsigned alignment);

/* Appends data to the entry that was begun last. CD_ERR_STATE for more than it was to have. */
bool cd_zip_writer_data(cd_zip_writer *w, const void *bytes, size_t size);

/* Writes the directory and puts the file at its path. Frees `w` in any case. False with
 * CD_ERR_STATE when the data of the last entry are not complete, CD_ERR_IO or CD_ERR_MEMORY. */
bool cd_zip_writer_commit(cd_zip_writer *w);

/* Leaves nothing behind and frees `w`; NULL is allowed. */
void cd_zip_writer_abandon(cd_zip_writer *w);

#endif
