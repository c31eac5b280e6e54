/* A file of named tensors, whatever its container is: safetensors, PyTorch's three, or NumPy's .npy
 * and .npz. This is where the containers meet: a front end (safetensors_read.c, pth_zip.c,
 * pth_stream.c, pth_tar.c, npy_read.c) fills a cd_archive, and everything else (tensor_file.c,
 * checkpoint.c) only sees that.
 *
 *     cd_archive *a = cd_archive_open(path);
 *     const cd_archive_entry *e = cd_archive_find(a, "fc.weight");
 *     ... cd_archive_read(a, e, CD_F32, out) ...
 *     cd_archive_close(a);
 *
 * The container is recognised by the file's first bytes, never by its name. Opening checks
 * everything that can be checked without reading tensor data; reading an entry then checks
 * its CRC, where the container has one. Nothing in a file is ever run. An archive is used
 * by one thread at a time. */
#ifndef CANDELA_IO_ARCHIVE_INTERNAL_H
#define CANDELA_IO_ARCHIVE_INTERNAL_H

#include "core/shape.h"
#include "io/file_dtype_internal.h"
#include "io/source_internal.h"
#include "io/tensor_file.h"

struct cd_zip;

/* A tensor of the file. Element (i0, i1, ...) is at byte
 *
 *     offset + (i0*stride[0] + i1*stride[1] + ...) * bytes per element
 *
 * of the file, or of its storage's unpacked data where those are deflated. Opening checks that all
 * elements lie in [offset, offset + bytes), and that this range lies in the file and in the
 * storage. */
typedef struct cd_archive_entry {
    const char *name; /* NUL-terminated UTF-8; the archive's */
    uint64_t offset;  /* in the file or in the unpacked data, of any alignment */
    uint64_t bytes;   /* from the first element to the end of the last */
    cd_shape shape;
    int64_t stride[CD_MAX_DIMS]; /* in elements, none negative */
    int64_t elements;
    cd_file_dtype dtype;
    bool big_endian;  /* an element's first byte is the high one: in NumPy's files, PyTorch's zip */
    uint32_t storage; /* index in the archive's storages; safetensors and .npy have none */
} cd_archive_entry;

/* A range of the file that one or more entries are views of. In a zip it has a CRC-32. */
typedef struct cd_archive_storage {
    uint64_t offset; /* in the file; 0 where it is deflated: entries count in the unpacked data */
    uint64_t bytes;  /* unpacked */
    uint64_t packed_offset, packed_bytes; /* deflated: where in the file the compressed bytes lie */
    uint32_t crc;                         /* of the unpacked data, as the file says */
    bool unchecked; /* the CRC was not compared yet; the first read of an entry does it */
    bool deflated;
} cd_archive_storage;

/* What happens when a CRC is wrong. */
typedef enum cd_crc_check { CD_CRC_ERROR, CD_CRC_WARN, CD_CRC_OFF } cd_crc_check;

/* What a file may ask for, and which part of it is wanted. A member that is zero takes its default.
 */
typedef struct cd_archive_limits {
    size_t description_bytes; /* memory for names, shapes and metadata, and for the header or pickle
                                 that they are read from; default CD_BUDGET_DEFAULT */
    size_t entries;           /* tensors; default 1,000,000 */
    size_t tensor_bytes;      /* of all entries together, in the file's dtypes; a storage counts for
                                 each of its views. Default: 4 times the file's size, plus 64 MiB */
    cd_crc_check crc;         /* not compared where torch.save was told to compute no CRCs */
    const char *key;          /* of a .pth: the tensors under this key; default NULL: see
                                 cd_tensor_file_open */
    bool any_hash; /* do not compare the hash in the file's name, if there is one, with the file */
} cd_archive_limits;

typedef struct cd_archive {
    cd_source source;
    const char *path;     /* the caller's, while it is opened; NULL for memory */
    cd_bytes description; /* what describes the tensors: the JSON header, or data.pkl. Its memory is
                             released once the archive is open; its label stays, for messages */
    const char *kind;     /* "safetensors", "PyTorch zip", "PyTorch pickle stream", "PyTorch TAR",
                             CD_KIND_NPY or CD_KIND_NPZ */
    const char *key;      /* where in a .pth the tensors lie, as in cd_tensor_file_key; else NULL */
    bool big_endian;      /* PyTorch's zip: of all elements, the high byte comes first */
    cd_archive_limits limits;
    /* In the order of the data (safetensors), the dict (PyTorch) or the zip's directory (NumPy). */
    cd_archive_entry *entries;
    size_t count;
    cd_text_pair *metadata; /* safetensors: __metadata__, sorted by key; PyTorch: the numbers and
                               texts beside the tensors */
    size_t metadata_count;
    cd_archive_storage *storages;
    size_t storage_count;

    size_t capacity, metadata_capacity, storage_capacity, by_name_capacity;
    cd_archive_entry **by_name; /* all entries, sorted by name */
    cd_budget budget;           /* for all arrays above and the texts */
    cd_text_pool texts;         /* of names and metadata */
} cd_archive;

/* Opens a file with the default limits. NULL with CD_ERR_IO, CD_ERR_FORMAT (damaged),
 * CD_ERR_UNSUPPORTED (the error says what the file is, and what would be right) or CD_ERR_MEMORY.
 * Free it with cd_archive_close. */
cd_archive *cd_archive_open(const char *path);
/* The same with other limits; NULL: the default ones. */
cd_archive *cd_archive_open_with(const char *path, const cd_archive_limits *limits);
/* The same for memory, which must stay until the archive is closed; `label` stands
 * for the path in messages. */
cd_archive *cd_archive_open_memory(const char *label, const void *data, size_t size,
                                   const cd_archive_limits *limits);
/* NULL is allowed. */
void cd_archive_close(cd_archive *archive);

/* The entry of this name; NULL, without an error, if there is none. */
const cd_archive_entry *cd_archive_find(const cd_archive *archive, const char *name);

enum { CD_ARCHIVE_NAME_BYTES = 4096 }; /* the longest name of a tensor that is read, without NUL */

/* The entries whose names begin with the same prefix and have more characters behind it. Borrows
 * from the archive's by_name. */
typedef struct cd_archive_subset {
    cd_archive_entry *const *entries; /* sorted by name */
    size_t count;
    size_t prefix_size; /* bytes of the prefix */
} cd_archive_subset;

/* All entries whose names have more characters behind `prefix`; for "" all entries. */
cd_archive_subset cd_archive_with_prefix(const cd_archive *archive, const char *prefix);
/* The entry whose name is the prefix and then `name`; NULL, without an error, if there is none. */
const cd_archive_entry *cd_archive_subset_find(const cd_archive_subset *subset, const char *name);
/* Makes the prefix longer by the next dotted part ("module.") if all names of the subset have it
 * and more characters behind it. False, with nothing changed, if they do not. */
bool cd_archive_subset_narrow(cd_archive_subset *subset);

/* The metadata under this key; NULL, without an error, if there is none. */
const char *cd_archive_metadata(const cd_archive *archive, const char *key);

/* How many bytes cd_archive_read writes. False with CD_ERR_UNSUPPORTED when the entry's dtype
 * cannot be converted to `as` (complex numbers, 8-bit floats, a float asked for as an integer,
 * ...), or when the number of bytes does not fit size_t. */
bool cd_archive_read_size(const cd_archive *archive, const cd_archive_entry *entry, cd_dtype as,
                          size_t *bytes);

/* Writes the entry's elements to `out`, contiguous in row-major order, as the host stores `as`.
 * Floats (F16, BF16, F32, F64) become f32 or f64; integers become i32, i64 or u8, and a value that
 * does not fit is CD_ERR_FORMAT with the number of its element; BOOL becomes bool, any nonzero byte
 * as 1. Where file and `out` have the same dtype, the bits stay the same. The first read of an
 * entry of a storage compares the storage's CRC. CD_ERR_IO when the file was changed since it was
 * opened. After an error the contents of `out` are undefined. */
bool cd_archive_read(cd_archive *archive, const cd_archive_entry *entry, cd_dtype as, void *out);

/* --- for the front ends ----------------------------------------------------------------------- */

/* Adds an entry. Its name is checked (up to 4096 bytes of UTF-8 without NUL) and copied; all other
 * members are zero. `offset` is where the description names the tensor, for messages. The entry is
 * valid until the next one is added. NULL with an error. */
cd_archive_entry *cd_archive_add(cd_archive *archive, const void *name, size_t size,
                                 uint64_t offset);
/* Adds a pair of metadata, copied. Neither may hold a NUL. */
bool cd_archive_add_metadata(cd_archive *archive, const void *key, size_t key_size,
                             const void *value, size_t value_size);
/* Call it when all entries are added: fills `by_name`. False with CD_ERR_FORMAT when two entries
 * have the same name, and with CD_ERR_MEMORY when the tensors have more bytes than the limit. */
bool cd_archive_finish(cd_archive *archive);

/* Sets the error of a name that two entries have. Returns false. */
bool cd_archive_name_twice(const cd_archive *archive, const char *name);

/* For a file that is neither a zip, nor safetensors, nor an .npy, by its first bytes: sets an error
 * that says what the file is, and what would be right. Returns false. */
bool cd_archive_refuse(const cd_bytes *bytes);
/* Whether a file that begins with these bytes may be safetensors, is a pickle stream of torch.save,
 * or begins with a member of the TAR of torch.save. */
bool cd_looks_like_safetensors(const cd_bytes *bytes);
bool cd_is_pickle_stream(const cd_bytes *bytes);
bool cd_is_tar(const cd_bytes *bytes);

/* The front ends. Each is given an archive whose source, limits and budget are set, and fills in
 * the kind, the description, the entries, the metadata and the storages. False with an error. */
bool cd_safetensors_read(cd_archive *archive); /* safetensors_read.c */
bool cd_npy_read(cd_archive *archive);         /* npy_read.c */
bool cd_stream_read(cd_archive *archive);      /* pth_stream.c */
bool cd_tar_read(cd_archive *archive);         /* pth_tar.c */
/* pth_zip.c and npy_read.c: for a zip archive, which the caller has opened and releases. */
bool cd_pth_read(cd_archive *archive, const struct cd_zip *zip);
bool cd_npz_read(cd_archive *archive, const struct cd_zip *zip);
/* Whether an opened zip archive, which has an entry, is one of torch.save: beside its first entry
 * there is data.pkl. */
bool cd_pth_is(const struct cd_zip *zip);
/* Whether it has an entry whose name ends in .npy. */
bool cd_npz_is(const struct cd_zip *zip);

/* The kinds of NumPy's files, and the name of the one tensor of an .npy, which has no name: the one
 * that numpy.savez gives to an array without a name. */
#define CD_KIND_NPY "NumPy array"
#define CD_KIND_NPZ "NumPy zip"
#define CD_NPY_NAME "arr_0"

#endif
