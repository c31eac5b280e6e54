/* The writer of zip_write_internal.h. The directory is made in memory while entries are written,
 * and follows the last of them. zip_internal.h says how a zip file is laid out. */
#include "io/zip_write_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/atomic_file_internal.h"
#include "io/budget_internal.h"

enum {
    NAME_MAX_BYTES = 4096,
    ALIGNMENT_MAX = 4096,
    LOCAL_SIZE = 30,   /* of a local header, without name and extra field */
    CENTRAL_SIZE = 46, /* of a central header, likewise */
    ZIP64_SIZE = 20,   /* of the local zip64 field */
    ENDS_SIZE = 56 + 20 + 22,
    VERSION = 45, /* the version of the format that has zip64 */
    UNIX = 3,     /* the system whose attributes follow */
    FLAG_UTF8 = 0x0800,
    DATE_1980 = 0x21,    /* 1980-01-01: no date, in zip's terms */
    PADDING_ID = 0x4246, /* "FB", as torch.save pads */
    HEADER_MAX = LOCAL_SIZE + NAME_MAX_BYTES + ZIP64_SIZE + 4 + ALIGNMENT_MAX
};

struct cd_zip_writer {
    cd_atomic_file *file;
    uint64_t at;     /* bytes written so far */
    uint64_t owed;   /* bytes of data that the last entry lacks */
    uint64_t count;  /* entries */
    char *directory; /* the central headers so far, owned */
    size_t directory_size, directory_capacity;
    cd_budget budget; /* of the directory, without a limit */
};

cd_zip_writer *cd_zip_writer_open(const char *path)
{
    cd_zip_writer *w = cd_alloc_zeroed(1, sizeof *w);
    if (!w) return NULL;
    w->budget = (cd_budget){ .limit = SIZE_MAX, .label = "zip" };
    w->file = cd_atomic_file_open(path);
    if (w->file) return w;
    cd_free(w);
    return NULL;
}

void cd_zip_writer_abandon(cd_zip_writer *w)
{
    if (!w) return;
    cd_atomic_file_abandon(w->file);
    cd_free(w->directory);
    cd_free(w);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* Bytes that are put one after the other into an array with enough room. */
typedef struct record {
    char *bytes;
    size_t size;
} record;

static void put(record *r, uint64_t value, int size)
{
    for (int i = 0; i < size; i++, value >>= 8) r->bytes[r->size++] = (char)(value & 0xFF);
}

static void put_bytes(record *r, const void *bytes, size_t size)
{
    memcpy(r->bytes + r->size, bytes, size);
    r->size += size;
}

/* The 32-bit or 16-bit form of a number; all bits set where it does not fit, which means "see the
 * 64-bit form". */
static uint64_t narrow(uint64_t value, uint64_t saturated)
{
    return value < saturated ? value : saturated;
}

/* --- entries ---------------------------------------------------------------------------------- */

/* What both headers of an entry have. */
typedef struct entry {
    const char *name;
    size_t name_size;
    uint64_t size, offset; /* offset: of the local header */
    uint32_t crc;
    uint16_t flags;
} entry;

static void put_common(record *r, const entry *e, uint64_t shown_size)
{
    put(r, VERSION, 2);
    put(r, e->flags, 2);
    put(r, 0, 2); /* stored */
    put(r, 0, 2); /* time */
    put(r, DATE_1980, 2);
    put(r, e->crc, 4);
    put(r, shown_size, 4);
    put(r, shown_size, 4);
    put(r, e->name_size, 2);
}

/* `padding` is the size of the extra field that moves the data to their alignment. */
static void put_local(record *r, const entry *e, size_t padding)
{
    put_bytes(r, "PK\3\4", 4);
    put_common(r, e, UINT32_MAX);
    put(r, ZIP64_SIZE + padding, 2);
    put_bytes(r, e->name, e->name_size);
    put(r, 1, 2);
    put(r, ZIP64_SIZE - 4, 2);
    put(r, e->size, 8);
    put(r, e->size, 8);
    if (padding == 0) return;
    put(r, PADDING_ID, 2);
    put(r, padding - 4, 2);
    memset(r->bytes + r->size, 'Z', padding - 4);
    r->size += padding - 4;
}

/* The zip64 field has those of the three numbers that do not fit 32 bits. */
static void put_central(record *r, const entry *e)
{
    bool wide_size = e->size >= UINT32_MAX, wide_offset = e->offset >= UINT32_MAX;
    int extra = (wide_size ? 16 : 0) + (wide_offset ? 8 : 0);
    put_bytes(r, "PK\1\2", 4);
    put(r, VERSION, 1);
    put(r, UNIX, 1);
    put_common(r, e, narrow(e->size, UINT32_MAX));
    put(r, extra ? (uint64_t)extra + 4 : 0, 2);
    put(r, 0, 2);                    /* comment */
    put(r, 0, 2);                    /* disk */
    put(r, 0, 2);                    /* internal attributes */
    put(r, UINT64_C(0600) << 16, 4); /* the file's mode, as Python's zipfile has it */
    put(r, narrow(e->offset, UINT32_MAX), 4);
    put_bytes(r, e->name, e->name_size);
    if (extra == 0) return;
    put(r, 1, 2);
    put(r, (uint64_t)extra, 2);
    if (wide_size) {
        put(r, e->size, 8);
        put(r, e->size, 8);
    }
    if (wide_offset) put(r, e->offset, 8);
}

/* How many bytes of padding bring the data to a multiple of `alignment`; a padding that is not 0
 * has the 4 bytes of its own head. */
static size_t padding_for(uint64_t data_at, unsigned alignment)
{
    if (alignment <= 1 || data_at % alignment == 0) return 0;
    size_t padding = (size_t)(alignment - data_at % alignment);
    while (padding < 4) padding += alignment;
    return padding;
}

static bool is_ascii(const char *text)
{
    while (*text && !(*text & 0x80)) text++;
    return !*text;
}

static bool write_bytes(cd_zip_writer *w, const void *bytes, size_t size)
{
    if (!cd_atomic_file_write(w->file, bytes, size)) return false;
    w->at += size;
    return true;
}

static bool check_entry(const cd_zip_writer *w, const char *name, unsigned alignment)
{
    if (w->owed > 0) {
        return cd_fail(CD_ERR_STATE, "zip: the entry before lacks %llu bytes of its data",
                       (unsigned long long)w->owed);
    }
    size_t size = strlen(name);
    if (size == 0 || size > NAME_MAX_BYTES) {
        return cd_fail(CD_ERR_ARGUMENT, "zip: a name of %zu bytes, and 1 to %d are allowed", size,
                       NAME_MAX_BYTES);
    }
    return alignment <= ALIGNMENT_MAX ||
           cd_fail(CD_ERR_ARGUMENT, "zip: an alignment of %u, and up to %d is allowed", alignment,
                   ALIGNMENT_MAX);
}

bool cd_zip_writer_entry(cd_zip_writer *w, const char *name, uint64_t size, uint32_t crc,
                         unsigned alignment)
{
    char local[HEADER_MAX];
    if (!check_entry(w, name, alignment)) return false;
    const entry e = { .name = name,
                      .name_size = strlen(name),
                      .size = size,
                      .offset = w->at,
                      .crc = crc,
                      .flags = is_ascii(name) ? 0 : FLAG_UTF8 };
    record r = { .bytes = local };
    put_local(&r, &e, padding_for(w->at + LOCAL_SIZE + e.name_size + ZIP64_SIZE, alignment));
    size_t needed = w->directory_size + CENTRAL_SIZE + e.name_size + 28;
    if (!cd_budget_grow(&w->budget, &w->directory, &w->directory_capacity, needed, 1)) return false;
    record d = { .bytes = w->directory, .size = w->directory_size };
    put_central(&d, &e);
    if (!write_bytes(w, local, r.size)) return false;
    w->directory_size = d.size;
    w->owed = size;
    w->count++;
    return true;
}

bool cd_zip_writer_data(cd_zip_writer *w, const void *bytes, size_t size)
{
    if (size > w->owed) {
        return cd_fail(CD_ERR_STATE, "zip: %zu bytes of data, and the entry lacks %llu", size,
                       (unsigned long long)w->owed);
    }
    if (!write_bytes(w, bytes, size)) return false;
    w->owed -= size;
    return true;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* The zip64 end record and its locator, which is only there when a number does not fit the end
 * record. */
static void put_zip64_end(record *r, const cd_zip_writer *w)
{
    uint64_t end = w->at + w->directory_size;
    put_bytes(r, "PK\6\6", 4);
    put(r, 44, 8); /* bytes that follow */
    put(r, VERSION, 2);
    put(r, VERSION, 2);
    put(r, 0, 8); /* disks */
    put(r, w->count, 8);
    put(r, w->count, 8);
    put(r, w->directory_size, 8);
    put(r, w->at, 8);
    put_bytes(r, "PK\6\7", 4);
    put(r, 0, 4);
    put(r, end, 8);
    put(r, 1, 4); /* disks */
}

static void put_end(record *r, const cd_zip_writer *w)
{
    put_bytes(r, "PK\5\6", 4);
    put(r, 0, 4); /* disks */
    put(r, narrow(w->count, UINT16_MAX), 2);
    put(r, narrow(w->count, UINT16_MAX), 2);
    put(r, narrow(w->directory_size, UINT32_MAX), 4);
    put(r, narrow(w->at, UINT32_MAX), 4);
    put(r, 0, 2); /* comment */
}

bool cd_zip_writer_commit(cd_zip_writer *w)
{
    char ends[ENDS_SIZE];
    record r = { .bytes = ends };
    if (w->count >= UINT16_MAX || w->directory_size >= UINT32_MAX || w->at >= UINT32_MAX) {
        put_zip64_end(&r, w);
    }
    put_end(&r, w);
    bool done = w->owed == 0 || cd_fail(CD_ERR_STATE,
                                        "zip: the last entry lacks %llu bytes of its "
                                        "data",
                                        (unsigned long long)w->owed);
    done = done && cd_atomic_file_write(w->file, w->directory, w->directory_size) &&
           cd_atomic_file_write(w->file, ends, r.size);
    if (!done) {
        cd_zip_writer_abandon(w);
        return false;
    }
    done = cd_atomic_file_commit(w->file);
    cd_free(w->directory);
    cd_free(w);
    return done;
}
