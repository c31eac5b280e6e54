/* A file of named tensors, whatever its container: safetensors or PyTorch's zip.
 *
 *     cd_archive *a = cd_archive_open(path);
 *     const cd_archive_entry *e = cd_archive_find(a, "fc.weight");
 *     ... cd_archive_read(a, e, CD_F32, out) ...
 *     cd_archive_close(a);
 *
 * The container is found out from the bytes, never from the name. Opening checks everything that
 * can be checked without reading tensor data; nothing in a file is ever run. One thread at a time.
 */
#ifndef CANDELA_IO_ARCHIVE_INTERNAL_H
#define CANDELA_IO_ARCHIVE_INTERNAL_H

#include "core/shape.h"
#include "io/file_dtype_internal.h"
#include "io/source_internal.h"
#include "io/tensor_file.h"

/* Where a tensor's elements lie. Element (i0, i1, ...) is at byte at + (i0*stride[0] + ...) * size
 * of the dtype; all of them lie in [at, at + bytes), which was checked. */
typedef struct cd_archive_entry {
    const char *name; /* NUL-terminated UTF-8, the archive's */
    uint64_t at;      /* offset in the archive's file; any alignment */
    uint64_t bytes;   /* from the first element to the end of the last */
    cd_shape shape;
    int64_t stride[CD_MAX_DIMS]; /* in elements, none negative */
    int64_t elements;
    cd_file_dtype dtype;
    uint32_t storage; /* of the archive's list */
} cd_archive_entry;

/* The piece of file that one or more entries look at. */
typedef struct cd_archive_storage {
    uint64_t at; /* offset in the archive's file */
    uint64_t bytes;
    uint32_t crc;
    bool unchecked; /* the CRC is yet to be compared: done when an entry of it is first read */
} cd_archive_storage;

typedef enum cd_crc_check { CD_CRC_ERROR, CD_CRC_WARN, CD_CRC_OFF } cd_crc_check;

/* What a file may ask for; zero is the default. */
typedef struct cd_archive_limits {
    size_t description_bytes; /* names, shapes, metadata, and the header or pickle that they are
                                 read from, in memory; default CD_BUDGET_DEFAULT */
    size_t entries;           /* default 1,000,000 */
    size_t tensor_bytes; /* of all entries together as read in their own dtypes, what views share
                            counted for each; default four times the file and 64 MiB */
    cd_crc_check crc;    /* where torch.save was told to compute none, nothing is compared */
} cd_archive_limits;

typedef struct cd_archive {
    cd_source source;
    cd_bytes bytes;   /* what describes the tensors: the JSON header, data.pkl. Once the archive is
                         open its memory is given back, and the label stays */
    const char *kind; /* "safetensors", "PyTorch zip" */
    cd_archive_limits limits;
    cd_archive_entry
        *entries; /* safetensors: in the order of the data; PyTorch: of the dictionary */
    size_t count;
    cd_text_pair
        *metadata; /* of the file, in its order; of PyTorch: the scalars beside the tensors */
    size_t metadata_count;
    cd_archive_storage *storages;
    size_t storage_count;

    size_t capacity, metadata_capacity, storage_capacity, by_name_capacity;
    cd_archive_entry **by_name; /* sorted */
    cd_budget budget;
    cd_text_pool texts;
} cd_archive;

/* NULL with CD_ERR_IO, CD_ERR_FORMAT (damaged), CD_ERR_UNSUPPORTED (says what the file is, and what
 * would be right) or CD_ERR_MEMORY. Give it back with cd_archive_close. */
cd_archive *cd_archive_open(const char *path);
cd_archive *cd_archive_open_with(const char *path, const cd_archive_limits *limits);
/* The same from memory, which must stay until the archive is closed; `label` is for messages. */
cd_archive *cd_archive_open_memory(const char *label, const void *data, size_t size,
                                   const cd_archive_limits *limits);
/* NULL is allowed. */
void cd_archive_close(cd_archive *archive);

/* NULL, without an error, if there is none of this name. */
const cd_archive_entry *cd_archive_find(const cd_archive *archive, const char *name);

/* Entries whose names begin with the same `skip` bytes and go on behind them, sorted by name. */
typedef struct cd_archive_part {
    cd_archive_entry *const *entries;
    size_t count, skip;
} cd_archive_part;

/* Those whose names begin with `prefix` and go on behind it; all for "". */
cd_archive_part cd_archive_below(const cd_archive *archive, const char *prefix);
/* By what follows the first `skip` bytes. NULL, without an error, if there is none. */
const cd_archive_entry *cd_archive_part_find(const cd_archive_part *part, const char *name);
/* Makes `skip` larger by the next dotted part ("module.") if all names of the part have it and go
 * on behind it. False, with nothing changed, if they do not. */
bool cd_archive_part_narrow(cd_archive_part *part);

const char *cd_archive_metadata(const cd_archive *archive, const char *key);

/* Bytes that cd_archive_read writes; false with CD_ERR_UNSUPPORTED when the entry cannot become
 * `as` (a complex or 8-bit float, a float asked for as an integer, ...) or the bytes do not fit
 * size_t. */
bool cd_archive_read_size(const cd_archive *archive, const cd_archive_entry *entry, cd_dtype as,
                          size_t *bytes);

/* Writes the entry's elements to `out`, contiguous in row-major order, as the host stores `as`:
 * F16, BF16, F32, F64 become f32 or f64; integers i32, i64 or u8, if every value fits (else
 * CD_ERR_FORMAT names the element); BOOL bool, any nonzero byte as 1. Same type: the same bits.
 * Compares the storage's CRC the first time. CD_ERR_IO when the file was changed since it was
 * opened. `out` is undefined after an error. */
bool cd_archive_read(cd_archive *archive, const cd_archive_entry *entry, cd_dtype as, void *out);

/* --- for the readers that fill an archive -------------------------------------------------------
 */

/* A new entry with everything zero but its name (copied; checked: up to 4096 bytes of UTF-8 without
 * NUL). NULL with an error. Valid until the next one is added. `at`: byte offset for messages. */
cd_archive_entry *cd_archive_add(cd_archive *archive, const void *name, size_t size, uint64_t at);
bool cd_archive_add_metadata(cd_archive *archive, const void *key, size_t key_size,
                             const void *value, size_t value_size);
/* Fills `by_name`; CD_ERR_FORMAT when a name is there twice, and CD_ERR_MEMORY when the tensors
 * come to more than the limit. Call it when all entries are there. */
bool cd_archive_finish(cd_archive *archive);

/* The error of a name that is there twice. Returns false. */
bool cd_archive_name_twice(const cd_archive *archive, const char *name);

/* `bytes` are the first of a file, for both. Says what a file is that is neither of the two, and
 * what would be right; sets the error. */
bool cd_archive_refuse(const cd_bytes *bytes);
bool cd_looks_like_safetensors(const cd_bytes *bytes);

/* The front ends: fill `archive`, whose source is set, and set its bytes. */
bool cd_safetensors_read(cd_archive *archive);
bool cd_pth_read(cd_archive *archive);

#endif
