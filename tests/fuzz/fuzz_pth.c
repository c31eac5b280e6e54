/* Reads a file as torch.save writes it. Byte 0 of the input has flags, which choose a variant of
 * the zip archive. The rest is the contents of the entries data.pkl and data/0, data/1, ...
 * (storages). So the fuzzer reaches the pickle and the tensors that it describes without having to
 * invent a zip archive with its CRCs. (Damaged archives are for fuzz_archive.)
 *
 * Checked: what was read can be written as safetensors and read again bit for bit (rewritten.h); an
 * archive without any flag gives the same tensors and texts, or is refused too; a refused file
 * leaves nothing behind. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "tests/fuzz/rewritten.h"

/* The flags of byte 0: how archives with the same contents can differ. */
enum {
    DESCRIBED = 1,   /* CRC and sizes behind the data, in a data descriptor */
    END_64 = 2,      /* a zip64 end record before the usual one */
    SIZES_64 = 4,    /* sizes and offsets of entries in zip64 fields */
    WITHOUT_CRC = 8, /* as after torch.serialization.set_crc32_options(False) */
    ALIGNED = 16,    /* an extra field makes data begin at multiples of 64 */
    ADDED = 32,      /* also the entries version, byteorder and .data/serialization_id */
    REST = 64        /* a comment, and further bytes behind the archive */
};

enum { STORAGES_MAX = 8, ENTRIES_MAX = STORAGES_MAX + 4 };

typedef struct entry {
    const char *name;
    fuzz_input data;
    size_t offset; /* of the entry's local header in the file */
    uint32_t crc;
} entry;

typedef struct archive {
    entry entries[ENTRIES_MAX];
    size_t count;
    unsigned flags;
} archive;

static void add(archive *a, const char *name, fuzz_input data)
{
    uint32_t crc = (uint32_t)crc32_z(0, data.data, data.size);
    if (data.size == 0 || a->flags & WITHOUT_CRC) crc = 0;
    a->entries[a->count++] = (entry){ .name = name, .data = data, .crc = crc };
}

static void add_text(archive *a, const char *name, const char *text)
{
    add(a, name, (fuzz_input){ (const uint8_t *)text, strlen(text) });
}

/* Writes the fields of a header that come between its flags and the length of the name: method,
 * time, CRC and sizes. */
static void put_sizes(fuzz_bytes *out, uint32_t crc, size_t size)
{
    fuzz_put_le(out, 0, 2);
    fuzz_put_le(out, 0, 4);
    fuzz_put_le(out, crc, 4);
    fuzz_put_le(out, size, 4);
    fuzz_put_le(out, size, 4);
}

/* Writes the local header and the data of an entry. */
static void put_entry(fuzz_bytes *out, entry *e, unsigned flags)
{
    bool described = flags & DESCRIBED;
    size_t name = strlen(e->name), extra = 0;
    e->offset = out->size;
    if (flags & ALIGNED) extra = 4 + (64 - (out->size + 30 + name + 4) % 64) % 64;
    fuzz_put_le(out, 0x04034b50, 4);
    fuzz_put_le(out, 0, 2);
    fuzz_put_le(out, described ? 8 : 0, 2);
    put_sizes(out, described ? 0 : e->crc, described ? 0 : e->data.size);
    fuzz_put_le(out, name, 2);
    fuzz_put_le(out, extra, 2);
    fuzz_put(out, e->name, name);
    if (extra > 0) fuzz_put_le(out, 0x4246, 2); /* PyTorch's "FB" */
    if (extra > 0) fuzz_put_le(out, extra - 4, 2);
    for (size_t i = 4; i < extra; i++) fuzz_put_le(out, 'Z', 1);
    fuzz_put(out, e->data.data, e->data.size);
    if (!described) return;
    int wide = flags & SIZES_64 ? 8 : 4;
    fuzz_put_le(out, 0x08074b50, 4);
    fuzz_put_le(out, e->crc, 4);
    fuzz_put_le(out, e->data.size, wide);
    fuzz_put_le(out, e->data.size, wide);
}

/* Writes the header of an entry in the central directory. */
static void put_central(fuzz_bytes *out, const entry *e, unsigned flags)
{
    bool wide = flags & SIZES_64;
    fuzz_put_le(out, 0x02014b50, 4);
    fuzz_put_le(out, 0, 4);
    fuzz_put_le(out, flags & DESCRIBED ? 8 : 0, 2);
    put_sizes(out, e->crc, wide ? UINT32_MAX : e->data.size);
    fuzz_put_le(out, strlen(e->name), 2);
    fuzz_put_le(out, wide ? 28 : 0, 2);
    fuzz_put_le(out, 0, 8); /* comment, disk, attributes */
    fuzz_put_le(out, 0, 2);
    fuzz_put_le(out, wide ? UINT32_MAX : e->offset, 4);
    fuzz_put(out, e->name, strlen(e->name));
    if (!wide) return;
    fuzz_put_le(out, 1, 2);
    fuzz_put_le(out, 24, 2);
    fuzz_put_le(out, e->data.size, 8);
    fuzz_put_le(out, e->data.size, 8);
    fuzz_put_le(out, e->offset, 8);
}

/* Writes the end records of the central directory, which begins at byte `directory`. */
static void put_end(fuzz_bytes *out, const archive *a, size_t directory)
{
    size_t size = out->size - directory, end = out->size;
    bool wide = a->flags & END_64;
    if (wide) {
        fuzz_put_le(out, 0x06064b50, 4);
        fuzz_put_le(out, 44, 8);
        fuzz_put_le(out, 0, 4);
        fuzz_put_le(out, 0, 8); /* disks */
        fuzz_put_le(out, a->count, 8);
        fuzz_put_le(out, a->count, 8);
        fuzz_put_le(out, size, 8);
        fuzz_put_le(out, directory, 8);
        fuzz_put_le(out, 0x07064b50, 4);
        fuzz_put_le(out, 0, 4);
        fuzz_put_le(out, end, 8);
        fuzz_put_le(out, 1, 4);
    }
    fuzz_put_le(out, 0x06054b50, 4);
    fuzz_put_le(out, 0, 4);
    fuzz_put_le(out, wide ? UINT16_MAX : a->count, 2);
    fuzz_put_le(out, wide ? UINT16_MAX : a->count, 2);
    fuzz_put_le(out, wide ? UINT32_MAX : size, 4);
    fuzz_put_le(out, wide ? UINT32_MAX : directory, 4);
    fuzz_put_le(out, a->flags & REST ? 4 : 0, 2);
    if (a->flags & REST) fuzz_put(out, "noteand a rest", 14);
}

static fuzz_bytes make_file(fuzz_input in, unsigned flags)
{
    static const char *const keys[STORAGES_MAX] = {
        "a/data/0", "a/data/1", "a/data/2", "a/data/3",
        "a/data/4", "a/data/5", "a/data/6", "a/data/7"
    };
    archive a = { .flags = flags };
    fuzz_bytes out = { .size = 0 };
    unsigned pickle = fuzz_u16(&in);
    add(&a, "a/data.pkl", fuzz_take(&in, pickle));
    if (flags & ADDED) {
        add_text(&a, "a/byteorder", "little");
        add_text(&a, "a/version", "3\n");
        add_text(&a, "a/.data/serialization_id", "0000");
    }
    for (int i = 0; i < STORAGES_MAX && in.size > 0; i++) {
        unsigned size = fuzz_u8(&in);
        add(&a, keys[i], fuzz_take(&in, size));
    }
    for (size_t i = 0; i < a.count; i++) put_entry(&out, &a.entries[i], flags);
    size_t directory = out.size;
    for (size_t i = 0; i < a.count; i++) put_central(&out, &a.entries[i], flags);
    put_end(&out, &a, directory);
    return out;
}

/* Writes the archive, reads it, and returns its contents as a safetensors file. */
static fuzz_bytes rewrite(fuzz_input in, unsigned flags)
{
    char path[FUZZ_PATH_BYTES];
    fuzz_bytes file = make_file(in, flags);
    fuzz_write(fuzz_path("fuzz.pth", path), file.data, file.size);
    free(file.data);
    return fuzz_rewritten(path, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    unsigned flags = fuzz_u8(&in);
    fuzz_begin(FUZZ_TENSOR_MEMORY);
    fuzz_bytes plain = rewrite(in, 0), other = rewrite(in, flags);
    FUZZ_CHECK(fuzz_same(&plain, &other));
    free(plain.data);
    free(other.data);
    fuzz_end();
    FUZZ_CHECK(fuzz_files() == 1);
    return 0;
}
