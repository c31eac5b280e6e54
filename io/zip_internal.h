/* Zip archives of stored (not compressed) entries, such as torch.save writes: a directory of where
 * each entry's bytes lie in the file. Nothing is unpacked. */
#ifndef CANDELA_IO_ZIP_INTERNAL_H
#define CANDELA_IO_ZIP_INTERNAL_H

#include "io/source_internal.h"

typedef struct cd_zip_entry {
    const char *name; /* the archive's, not NUL-terminated */
    size_t name_size;
    uint64_t data_at;   /* offset in the file */
    uint64_t size;      /* in the file */
    uint64_t header_at; /* of the local header */
    uint64_t end;       /* where its bytes, descriptor included, end */
    uint32_t crc;       /* of what is stored, not of its compressed form */
    uint16_t method;    /* 0: stored */
} cd_zip_entry;

typedef struct cd_zip {
    const cd_source *source;
    cd_bytes directory;    /* as it lies in the file; the names are there */
    cd_zip_entry *entries; /* sorted by name, bytewise */
    size_t count;
    size_t first; /* index of the entry that the directory lists first */
    size_t capacity;
    bool without_crcs; /* there are bytes, and all CRCs are 0: the writer computed none */
} cd_zip;

/* Reads the directory and every local header, and checks that they agree, that no entry is
 * encrypted, that names are relative, different and without "..", and that no two entries share
 * bytes. CD_ERR_FORMAT, CD_ERR_UNSUPPORTED (encrypted, several disks), CD_ERR_IO or CD_ERR_MEMORY
 * otherwise. Bytes behind the end of the archive are a warning. `source` must outlive it. Release
 * in any case with cd_zip_release. */
bool cd_zip_open(cd_zip *zip, const cd_source *source, cd_budget *budget);
void cd_zip_release(cd_zip *zip, cd_budget *budget);

/* False with CD_ERR_UNSUPPORTED when an entry is compressed. */
bool cd_zip_check_stored(const cd_zip *zip);

/* NULL, without an error, if there is none. */
const cd_zip_entry *cd_zip_find(const cd_zip *zip, const char *name, size_t name_size);

/* False with CD_ERR_FORMAT when `data`, all bytes of the entry, do not match its CRC. */
bool cd_zip_check_crc(const cd_zip *zip, const cd_zip_entry *entry, const void *data);

#endif
