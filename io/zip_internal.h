/* Zip archives, such as torch.save and numpy.savez write (step 4 of cd_load, see checkpoint.c): a
 * list of where each entry's bytes lie in the file. Nothing is unpacked here (inflate_internal.h
 * unpacks).
 *
 * Terms are those of PKWARE's APPNOTE.TXT. A zip file is
 *
 *   for each entry: local file header, data, perhaps a data descriptor
 *   central directory: a header for each entry
 *   perhaps a zip64 end record and its locator, then the end record (of the central directory)
 *
 * torch.save writes the zip64 records always, data descriptors for entries that have bytes, and
 * pads the local headers so that data begin at multiples of 64. */
#ifndef CANDELA_IO_ZIP_INTERNAL_H
#define CANDELA_IO_ZIP_INTERNAL_H

#include "io/source_internal.h"

enum { CD_ZIP_STORED = 0, CD_ZIP_DEFLATED = 8 }; /* methods of compression */

typedef struct cd_zip_entry {
    const char *name; /* points into cd_zip.central_directory, not NUL-terminated */
    size_t name_size;
    uint64_t data_offset;   /* in the file */
    uint64_t size;          /* bytes of data in the file */
    uint64_t unpacked_size; /* bytes of the uncompressed data, as the directory says */
    uint64_t header_offset; /* of the local header */
    uint64_t end;           /* offset behind the entry's last byte, its data descriptor included */
    uint32_t crc;           /* CRC-32 of the uncompressed data */
    uint16_t method;        /* CD_ZIP_STORED, CD_ZIP_DEFLATED or another */
} cd_zip_entry;

typedef struct cd_zip {
    const cd_source *source;
    cd_bytes central_directory; /* its bytes, charged to the budget */
    cd_zip_entry *entries;      /* sorted by name, bytewise; charged to the budget */
    size_t count;
    size_t first_listed; /* index of the entry that the central directory lists first */
    size_t capacity;
    bool without_crcs; /* every CRC is 0 though there is data: the writer computed none */
} cd_zip;

/* Reads the central directory and every local header and data descriptor. Checks that
 *
 *   - the end records, the directory, the local headers and the descriptors agree,
 *   - every entry lies before the directory, and no two entries share bytes,
 *   - names are relative, without "..", a NUL or a backslash, and no two are equal,
 *   - no entry is encrypted, and the archive is on one disk.
 *
 * CRCs are not computed here. False with CD_ERR_FORMAT, CD_ERR_UNSUPPORTED (encrypted, several
 * disks), CD_ERR_IO or CD_ERR_MEMORY. Bytes behind the end of the archive are a warning. `source`
 * must outlive *zip. Release *zip in any case, with the same budget. */
bool cd_zip_open(cd_zip *zip, const cd_source *source, cd_budget *budget);
void cd_zip_release(cd_zip *zip, cd_budget *budget);

/* Whether all entries are stored. False with CD_ERR_UNSUPPORTED when one is compressed. */
bool cd_zip_check_stored(const cd_zip *zip);

/* The entry of this name; NULL, without an error, if there is none. */
const cd_zip_entry *cd_zip_find(const cd_zip *zip, const char *name, size_t name_size);

/* Compares the CRC of `data`, all bytes of the entry, with the directory's. False with
 * CD_ERR_FORMAT when they differ. */
bool cd_zip_check_crc(const cd_zip *zip, const cd_zip_entry *entry, const void *data);

#endif
