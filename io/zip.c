/* The directory at the end of a zip file is what counts; every local header must agree with it, so
 * that no two programs see different files in one archive. */
#include "io/zip_internal.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/memory_internal.h"

enum {
    END_SIZE = 22,
    LOCATOR_SIZE = 20,
    END64_SIZE = 56,
    CENTRAL_SIZE = 46,
    LOCAL_SIZE = 30,
    COMMENT_MAX = 65535,
    NAME_MAX_BYTES = 4096,
    ENTRIES_MAX = 1000000,
    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 8
};

static const uint32_t END_MARK = 0x06054b50, LOCATOR_MARK = 0x07064b50, END64_MARK = 0x06064b50,
                      CENTRAL_MARK = 0x02014b50, LOCAL_MARK = 0x04034b50,
                      DESCRIPTOR_MARK = 0x08074b50;

static bool bad(const cd_zip *zip, uint64_t at, const char *sentence)
{
    return cd_bytes_fail(zip->bytes, CD_ERR_FORMAT, at, "zip: %s", sentence);
}

/* --- the end of the file -----------------------------------------------------------------------
 */

/* What the end records say of the directory. */
typedef struct directory {
    uint64_t entries, size, at;
    uint64_t end; /* where the end records begin: the directory lies before */
} directory;

/* The end record is the last whose comment reaches the end of the file exactly. */
static bool find_end(const cd_zip *zip, size_t *at)
{
    const cd_bytes *bytes = zip->bytes;
    if (bytes->size >= END_SIZE) {
        size_t first =
            bytes->size > END_SIZE + COMMENT_MAX ? bytes->size - END_SIZE - COMMENT_MAX : 0;
        for (size_t p = bytes->size - END_SIZE + 1; p-- > first;) {
            if (cd_load_le(bytes->data + p, 4) == END_MARK &&
                cd_load_le(bytes->data + p + 20, 2) == bytes->size - p - END_SIZE) {
                *at = p;
                return true;
            }
        }
    }
    return bad(zip, bytes->size, "there is no end record: the file is cut short or damaged");
}

/* A 32-bit field must be saturated or agree with its 64-bit form. */
static bool agrees(uint64_t wide, uint64_t narrow, uint64_t saturated)
{
    return narrow == saturated || narrow == wide;
}

static bool read_end64(const cd_zip *zip, size_t locator, directory *d)
{
    cd_cursor c;
    if (!cd_cursor_range(&c, zip->bytes, locator, LOCATOR_SIZE, "zip: the zip64 locator"))
        return false;
    (void)cd_cursor_u32le(&c);
    uint32_t disk = cd_cursor_u32le(&c);
    uint64_t at = cd_cursor_u64le(&c);
    uint32_t disks = cd_cursor_u32le(&c);
    if (disk != 0 || disks > 1) {
        return cd_bytes_fail(zip->bytes, CD_ERR_UNSUPPORTED, locator,
                             "zip: it spans several disks");
    }
    if (at > locator || locator - at < END64_SIZE) {
        return bad(zip, locator, "the zip64 end record does not lie before its locator");
    }
    if (!cd_cursor_range(&c, zip->bytes, at, END64_SIZE, "zip: the zip64 end record")) return false;
    uint32_t mark = cd_cursor_u32le(&c);
    uint64_t size = cd_cursor_u64le(&c);
    if (mark != END64_MARK || size != locator - at - 12) {
        return bad(zip, at, "the zip64 end record is damaged");
    }
    (void)cd_cursor_u32le(&c); /* two versions */
    if (cd_cursor_u32le(&c) != 0 || cd_cursor_u32le(&c) != 0) {
        return cd_bytes_fail(zip->bytes, CD_ERR_UNSUPPORTED, at, "zip: it spans several disks");
    }
    uint64_t entries_here = cd_cursor_u64le(&c), entries = cd_cursor_u64le(&c),
             bytes = cd_cursor_u64le(&c), start = cd_cursor_u64le(&c);
    if (entries_here != entries || !agrees(entries, d->entries, UINT16_MAX) ||
        !agrees(bytes, d->size, UINT32_MAX) || !agrees(start, d->at, UINT32_MAX)) {
        return bad(zip, at, "the zip64 end record and the end record disagree");
    }
    *d = (directory){ .entries = entries, .size = bytes, .at = start, .end = at };
    return true;
}

static bool read_end(const cd_zip *zip, directory *d)
{
    size_t at = 0;
    cd_cursor c;
    if (!find_end(zip, &at) ||
        !cd_cursor_range(&c, zip->bytes, at, END_SIZE, "zip: the end record")) {
        return false;
    }
    (void)cd_cursor_u32le(&c);
    uint16_t disk = cd_cursor_u16le(&c), start_disk = cd_cursor_u16le(&c),
             entries_here = cd_cursor_u16le(&c);
    d->entries = cd_cursor_u16le(&c);
    d->size = cd_cursor_u32le(&c);
    d->at = cd_cursor_u32le(&c);
    d->end = at;
    bool zip64 =
        at >= LOCATOR_SIZE && cd_load_le(zip->bytes->data + at - LOCATOR_SIZE, 4) == LOCATOR_MARK;
    if ((disk != 0 && disk != UINT16_MAX) || (start_disk != 0 && start_disk != UINT16_MAX) ||
        entries_here != d->entries) {
        return cd_bytes_fail(zip->bytes, CD_ERR_UNSUPPORTED, at, "zip: it spans several disks");
    }
    if (zip64 && !read_end64(zip, at - LOCATOR_SIZE, d)) return false;
    if (d->at > d->end || d->size > d->end - d->at) {
        return bad(zip, at, "the directory does not lie before the end record");
    }
    if (d->entries > ENTRIES_MAX || d->entries > d->size / CENTRAL_SIZE) {
        return bad(zip, at, "it claims more entries than its directory has room for");
    }
    return true;
}

/* --- entries ---------------------------------------------------------------------------------- */

/* One central header, with the fields that only checks need. */
typedef struct central {
    cd_zip_entry entry;
    uint64_t size, packed, header_at;
    uint16_t flags;
} central;

static bool name_is_safe(const char *name, size_t size)
{
    if (size == 0 || size > NAME_MAX_BYTES || name[0] == '/' || memchr(name, 0, size) ||
        memchr(name, '\\', size)) {
        return false;
    }
    for (size_t start = 0; start <= size;) { /* component by component */
        const char *slash = start < size ? memchr(name + start, '/', size - start) : NULL;
        size_t end = slash ? (size_t)(slash - name) : size;
        if (end - start == 2 && memcmp(name + start, "..", 2) == 0) return false;
        start = end + 1;
    }
    return true;
}

/* The zip64 extra field holds, in this order, those of the three that are saturated. */
static bool read_extra(const cd_zip *zip, cd_cursor extra, central *e)
{
    while (cd_cursor_left(&extra) >= 4) {
        size_t at = extra.at;
        uint16_t id = cd_cursor_u16le(&extra), size = cd_cursor_u16le(&extra);
        if (size > cd_cursor_left(&extra)) return bad(zip, at, "an extra field is too long");
        if (id == 0x0001) {
            cd_cursor field = { .bytes = extra.bytes, .at = extra.at, .end = extra.at + size };
            uint64_t *const wide[] = { &e->size, &e->packed, &e->header_at };
            for (int i = 0; i < 3; i++) {
                if (*wide[i] != UINT32_MAX) continue;
                if (cd_cursor_left(&field) < 8) return bad(zip, at, "the zip64 field is too short");
                *wide[i] = cd_cursor_u64le(&field);
            }
            return true;
        }
        extra.at += size;
    }
    return true;
}

static bool check_central(const cd_zip *zip, uint64_t at, const central *e)
{
    char name[64];
    cd_printable(name, sizeof name, e->entry.name, e->entry.name_size);
    if (!name_is_safe(e->entry.name, e->entry.name_size)) {
        return cd_bytes_fail(zip->bytes, CD_ERR_FORMAT, at,
                             "zip: the entry's name \"%s\" is empty, absolute, too long or leaves "
                             "its folder",
                             name);
    }
    if (e->flags & FLAG_ENCRYPTED) {
        return cd_bytes_fail(zip->bytes, CD_ERR_UNSUPPORTED, at, "zip: \"%s\" is encrypted", name);
    }
    if (e->entry.method == 0 && e->size != e->packed) {
        return cd_bytes_fail(zip->bytes, CD_ERR_FORMAT, at, "zip: the two sizes of \"%s\" differ",
                             name);
    }
    return true;
}

static bool read_central(const cd_zip *zip, cd_cursor *c, central *e)
{
    size_t at = c->at;
    if (!cd_cursor_need(c, CENTRAL_SIZE, "zip: a directory entry")) return false;
    *e = (central){ .size = 0 };
    uint32_t mark = cd_cursor_u32le(c);
    (void)cd_cursor_u32le(c); /* two versions */
    e->flags = cd_cursor_u16le(c);
    e->entry.method = cd_cursor_u16le(c);
    (void)cd_cursor_u32le(c); /* time and date */
    e->entry.crc = cd_cursor_u32le(c);
    e->packed = cd_cursor_u32le(c);
    e->size = cd_cursor_u32le(c);
    uint16_t name = cd_cursor_u16le(c), extra = cd_cursor_u16le(c), comment = cd_cursor_u16le(c),
             disk = cd_cursor_u16le(c);
    (void)cd_cursor_u16le(c); /* attributes */
    (void)cd_cursor_u32le(c);
    e->header_at = cd_cursor_u32le(c);
    if (mark != CENTRAL_MARK) return bad(zip, at, "a directory entry is damaged");
    if (disk != 0 && disk != UINT16_MAX) {
        return cd_bytes_fail(zip->bytes, CD_ERR_UNSUPPORTED, at, "zip: it spans several disks");
    }
    if (!cd_cursor_need(c, (uint64_t)name + extra + comment, "zip: a directory entry"))
        return false;
    e->entry.name = (const char *)c->bytes->data + c->at;
    e->entry.name_size = name;
    cd_cursor fields = { .bytes = c->bytes, .at = c->at + name, .end = c->at + name + extra };
    c->at += (size_t)name + extra + comment;
    return read_extra(zip, fields, e) && check_central(zip, at, e);
}

/* After the data of an entry with flag bit 3: CRC and sizes, behind a mark that old writers leave
 * out. */
static bool read_descriptor(const cd_zip *zip, central *e, uint64_t limit)
{
    cd_cursor c = { .bytes = zip->bytes, .at = e->entry.end, .end = (size_t)limit };
    size_t at = c.at;
    bool marked =
        cd_cursor_left(&c) >= 4 && cd_load_le(zip->bytes->data + at, 4) == DESCRIPTOR_MARK;
    if (marked) c.at += 4;
    if (cd_cursor_left(&c) < 12 || cd_cursor_u32le(&c) != e->entry.crc) {
        return bad(zip, at, "an entry's data descriptor is missing or has another CRC");
    }
    const unsigned char *sizes = zip->bytes->data + c.at;
    bool wide = cd_cursor_left(&c) >= 16 && cd_load_le(sizes, 8) == e->packed &&
                cd_load_le(sizes + 8, 8) == e->size;
    bool narrow = cd_load_le(sizes, 4) == e->packed && cd_load_le(sizes + 4, 4) == e->size;
    if (!wide && !narrow) return bad(zip, at, "an entry's data descriptor has another size");
    e->entry.end = c.at + (wide ? 16 : 8);
    return true;
}

static bool read_local(const cd_zip *zip, central *e, uint64_t limit)
{
    cd_cursor c;
    uint64_t at = e->header_at;
    if (at > limit || limit - at < LOCAL_SIZE) {
        return bad(zip, at, "an entry's header does not lie before the directory");
    }
    if (!cd_cursor_range(&c, zip->bytes, at, limit - at, "zip: an entry")) return false;
    uint32_t mark = cd_cursor_u32le(&c);
    (void)cd_cursor_u16le(&c); /* version */
    uint16_t flags = cd_cursor_u16le(&c), method = cd_cursor_u16le(&c);
    (void)cd_cursor_u32le(&c); /* time and date */
    uint32_t crc = cd_cursor_u32le(&c), packed = cd_cursor_u32le(&c), size = cd_cursor_u32le(&c);
    uint16_t name = cd_cursor_u16le(&c), extra = cd_cursor_u16le(&c);
    if (mark != LOCAL_MARK) return bad(zip, at, "an entry's header is damaged");
    if (!cd_cursor_need(&c, (uint64_t)name + extra, "zip: an entry's header")) return false;
    bool described = flags & FLAG_DESCRIPTOR;
    if (method != e->entry.method || (flags & FLAG_ENCRYPTED) || name != e->entry.name_size ||
        memcmp(zip->bytes->data + c.at, e->entry.name, name) != 0 ||
        (!described && (crc != e->entry.crc || !agrees(e->size, size, UINT32_MAX) ||
                        !agrees(e->packed, packed, UINT32_MAX)))) {
        return bad(zip, at, "an entry's header and the directory disagree");
    }
    c.at += (size_t)name + extra;
    if (!cd_cursor_need(&c, e->packed, "zip: an entry's data")) return false;
    e->entry.header_at = (size_t)at;
    e->entry.data_at = c.at;
    e->entry.size = (size_t)e->packed;
    e->entry.end = c.at + (size_t)e->packed;
    return !described || read_descriptor(zip, e, limit);
}

/* --- the whole -------------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b)
{
    const cd_zip_entry *x = a, *y = b;
    return x->header_at < y->header_at ? -1 : x->header_at > y->header_at;
}

static int compare_texts(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    if (order != 0) return order;
    return a_size < b_size ? -1 : a_size > b_size;
}

static int compare_names(const void *a, const void *b)
{
    const cd_zip_entry *x = a, *y = b;
    return compare_texts(x->name, x->name_size, y->name, y->name_size);
}

static bool check_overlap(cd_zip *zip)
{
    qsort(zip->entries, zip->count, sizeof *zip->entries, compare_places);
    for (size_t i = 1; i < zip->count; i++) {
        if (zip->entries[i].header_at < zip->entries[i - 1].end) {
            return bad(zip, zip->entries[i].header_at, "two entries share bytes");
        }
    }
    return true;
}

static bool check_duplicates(cd_zip *zip)
{
    qsort(zip->entries, zip->count, sizeof *zip->entries, compare_names);
    for (size_t i = 1; i < zip->count; i++) {
        const cd_zip_entry *e = &zip->entries[i];
        if (compare_names(e - 1, e) == 0) {
            char name[64];
            return cd_bytes_fail(zip->bytes, CD_ERR_FORMAT, e->header_at,
                                 "zip: two entries are called \"%s\"",
                                 cd_printable(name, sizeof name, e->name, e->name_size));
        }
    }
    return true;
}

static bool read_directory(cd_zip *zip, const directory *d, cd_budget *budget)
{
    cd_cursor c;
    if (!cd_cursor_range(&c, zip->bytes, d->at, d->size, "zip: the directory")) return false;
    if (!cd_budget_grow(budget, &zip->entries, &zip->capacity, (size_t)d->entries,
                        sizeof *zip->entries)) {
        return false;
    }
    for (uint64_t i = 0; i < d->entries; i++) {
        central e;
        if (!read_central(zip, &c, &e) || !read_local(zip, &e, d->at)) return false;
        zip->entries[zip->count++] = e.entry;
    }
    if (cd_cursor_left(&c) > 0) return bad(zip, c.at, "the directory has bytes that are no entry");
    return true;
}

bool cd_zip_open(cd_zip *zip, const cd_bytes *bytes, cd_budget *budget)
{
    *zip = (cd_zip){ .bytes = bytes };
    directory d = { .entries = 0 };
    if (!read_end(zip, &d) || !read_directory(zip, &d, budget)) return false;
    if (zip->count == 0) return bad(zip, 0, "it has no entries");
    const char *first = zip->entries[0].name;
    if (!check_overlap(zip) || !check_duplicates(zip)) return false;
    while (zip->entries[zip->first].name != first) zip->first++;
    return true;
}

void cd_zip_release(cd_zip *zip, cd_budget *budget)
{
    cd_budget_release(budget, &zip->entries, &zip->capacity, sizeof *zip->entries);
    zip->count = 0;
}

bool cd_zip_check_stored(const cd_zip *zip)
{
    for (size_t i = 0; i < zip->count; i++) {
        const cd_zip_entry *e = &zip->entries[i];
        if (e->method == 0) continue;
        char name[64];
        return cd_bytes_fail(zip->bytes, CD_ERR_UNSUPPORTED, e->header_at,
                             "zip: \"%s\" is compressed (method %u), which torch.save never does: "
                             "store it without compression",
                             cd_printable(name, sizeof name, e->name, e->name_size),
                             (unsigned)e->method);
    }
    return true;
}

const cd_zip_entry *cd_zip_find(const cd_zip *zip, const char *name, size_t name_size)
{
    size_t low = 0, high = zip->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const cd_zip_entry *e = &zip->entries[middle];
        int order = compare_texts(name, name_size, e->name, e->name_size);
        if (order == 0) return e;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

bool cd_zip_check_crc(const cd_zip *zip, const cd_zip_entry *entry)
{
    uint32_t crc = (uint32_t)crc32_z(0, zip->bytes->data + entry->data_at, entry->size);
    if (crc == entry->crc) return true;
    char name[64];
    return cd_bytes_fail(zip->bytes, CD_ERR_FORMAT, entry->data_at,
                         "zip: \"%s\" is damaged: its CRC is %08x, the directory says %08x",
                         cd_printable(name, sizeof name, entry->name, entry->name_size),
                         (unsigned)crc, (unsigned)entry->crc);
}
