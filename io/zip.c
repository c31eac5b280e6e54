/* The directory at the end of a zip file is what counts; every local header must agree with it, so
 * that no two programs see different files in one archive. */
#include "io/zip_internal.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"

enum {
    END_SIZE = 22,
    LOCATOR_SIZE = 20,
    END64_SIZE = 56,
    CENTRAL_SIZE = 46,
    LOCAL_SIZE = 30,
    DESCRIPTOR_MAX = 24,
    COMMENT_MAX = 65535,
    NAME_MAX_BYTES = 4096,
    ENTRIES_MAX = 1000000,
    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 8
};

/* Of the file around an entry's headers: a local header and a name fit. */
enum { WINDOW = 8192 };

static const uint32_t END_MARK = 0x06054b50, LOCATOR_MARK = 0x07064b50, END64_MARK = 0x06064b50,
                      CENTRAL_MARK = 0x02014b50, LOCAL_MARK = 0x04034b50,
                      DESCRIPTOR_MARK = 0x08074b50;

static bool bad(const cd_zip *zip, uint64_t at, const char *sentence)
{
    return cd_source_fail(zip->source, CD_ERR_FORMAT, at, "zip: %s", sentence);
}

/* --- the end of the file -----------------------------------------------------------------------
 */

/* What the end records say of the directory. */
typedef struct directory {
    uint64_t entries, size, at;
    uint64_t end; /* where the end records begin: the directory lies before */
} directory;

/* PyTorch's reader takes the last end record, whatever follows it; so a file to which something was
 * appended is read here too. */
static void warn_of_rest(const cd_zip *zip, size_t rest, size_t comment)
{
    if (rest >= comment) {
        bool one = rest - comment == 1;
        cd_log_line(CD_LOG_WARNING, "%s: %zu byte%s the end of the zip archive and %s ignored",
                    zip->source->label, rest - comment, one ? " follows" : "s follow",
                    one ? "is" : "are");
    } else {
        cd_log_line(CD_LOG_WARNING, "%s: the comment at the end is cut short: %zu of %zu bytes",
                    zip->source->label, rest, comment);
    }
}

/* The end record: the last whose comment reaches the end of the file exactly; where there is none,
 * the last. `tail` is the end of the file; *at is an offset in it. */
static bool find_end(const cd_zip *zip, const cd_bytes *tail, size_t *at)
{
    const size_t most = END_SIZE + COMMENT_MAX, none = SIZE_MAX;
    size_t other = none, first = tail->size > most ? tail->size - most : 0;
    for (size_t p = tail->size < END_SIZE ? 0 : tail->size - END_SIZE + 1; p-- > first;) {
        if (cd_load_le(tail->data + p, 4) != END_MARK) continue;
        *at = p;
        if (cd_load_le(tail->data + p + 20, 2) == tail->size - p - END_SIZE) return true;
        if (other == none) other = p;
    }
    if (other != none) {
        *at = other;
        warn_of_rest(zip, tail->size - other - END_SIZE,
                     (size_t)cd_load_le(tail->data + other + 20, 2));
        return true;
    }
    return cd_source_fail(
        zip->source, CD_ERR_FORMAT, zip->source->size,
        "zip: there is no end record in the last %zu bytes: the file is cut short "
        "or damaged, or more than %d bytes were appended to it",
        most, COMMENT_MAX);
}

/* A 32-bit field must be saturated or agree with its 64-bit form. */
static bool agrees(uint64_t wide, uint64_t narrow, uint64_t saturated)
{
    return narrow == saturated || narrow == wide;
}

/* The cursor stands at the locator. */
static bool read_end64(const cd_zip *zip, cd_cursor *locator, directory *d)
{
    uint64_t locator_at = locator->bytes->base + locator->at;
    (void)cd_cursor_u32le(locator);
    uint32_t disk = cd_cursor_u32le(locator);
    uint64_t at = cd_cursor_u64le(locator);
    uint32_t disks = cd_cursor_u32le(locator);
    if (disk != 0 || disks > 1) {
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, locator_at,
                              "zip: it spans several disks");
    }
    if (at > locator_at || locator_at - at < END64_SIZE) {
        return bad(zip, locator_at, "the zip64 end record does not lie before its locator");
    }
    unsigned char record[END64_SIZE];
    cd_bytes bytes;
    if (!cd_source_read(zip->source, at, record, sizeof record)) return false;
    cd_bytes_borrow(&bytes, zip->source->label, record, sizeof record);
    cd_cursor c = cd_cursor_over(&bytes);
    uint32_t mark = cd_cursor_u32le(&c);
    uint64_t size = cd_cursor_u64le(&c);
    if (mark != END64_MARK || size != locator_at - at - 12) {
        return bad(zip, at,
                   "the zip64 end record does not lie here, right before its locator: the file is "
                   "damaged, or bytes were put in front of the archive");
    }
    (void)cd_cursor_u32le(&c); /* two versions */
    if (cd_cursor_u32le(&c) != 0 || cd_cursor_u32le(&c) != 0) {
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, at, "zip: it spans several disks");
    }
    uint64_t entries_here = cd_cursor_u64le(&c), entries = cd_cursor_u64le(&c),
             directory_size = cd_cursor_u64le(&c), start = cd_cursor_u64le(&c);
    if (entries_here != entries || !agrees(entries, d->entries, UINT16_MAX) ||
        !agrees(directory_size, d->size, UINT32_MAX) || !agrees(start, d->at, UINT32_MAX)) {
        return bad(zip, at, "the zip64 end record and the end record disagree");
    }
    *d = (directory){ .entries = entries, .size = directory_size, .at = start, .end = at };
    return true;
}

static bool read_end_in(const cd_zip *zip, const cd_bytes *tail, directory *d)
{
    size_t found = 0;
    if (!find_end(zip, tail, &found)) return false;
    cd_cursor c = { .bytes = tail, .at = found, .end = tail->size };
    uint64_t at = tail->base + found;
    (void)cd_cursor_u32le(&c);
    uint16_t disk = cd_cursor_u16le(&c), start_disk = cd_cursor_u16le(&c),
             entries_here = cd_cursor_u16le(&c);
    d->entries = cd_cursor_u16le(&c);
    d->size = cd_cursor_u32le(&c);
    d->at = cd_cursor_u32le(&c);
    d->end = at;
    if ((disk != 0 && disk != UINT16_MAX) || (start_disk != 0 && start_disk != UINT16_MAX) ||
        entries_here != d->entries) {
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, at, "zip: it spans several disks");
    }
    if (found >= LOCATOR_SIZE && cd_load_le(tail->data + found - LOCATOR_SIZE, 4) == LOCATOR_MARK) {
        c.at = found - LOCATOR_SIZE;
        if (!read_end64(zip, &c, d)) return false;
    }
    if (d->at > d->end || d->size > d->end - d->at) {
        return bad(zip, at, "the directory does not lie before the end record");
    }
    if (d->entries > ENTRIES_MAX || d->entries > d->size / CENTRAL_SIZE) {
        return bad(zip, at, "it claims more entries than its directory has room for");
    }
    return true;
}

static bool read_end(const cd_zip *zip, directory *d, cd_budget *budget)
{
    uint64_t size = zip->source->size, most = LOCATOR_SIZE + END_SIZE + COMMENT_MAX;
    if (size > most) size = most;
    cd_bytes tail;
    if (!cd_source_piece(zip->source, zip->source->size - size, size, budget, &tail)) return false;
    bool right = read_end_in(zip, &tail, d);
    cd_bytes_release(&tail, budget);
    return right;
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
        uint64_t at = extra.bytes->base + extra.at;
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
        return cd_source_fail(zip->source, CD_ERR_FORMAT, at,
                              "zip: the entry's name \"%s\" is empty, absolute, too long or leaves "
                              "its folder",
                              name);
    }
    if (e->flags & FLAG_ENCRYPTED) {
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, at, "zip: \"%s\" is encrypted",
                              name);
    }
    if (e->entry.method == 0 && e->size != e->packed) {
        return cd_source_fail(zip->source, CD_ERR_FORMAT, at, "zip: the two sizes of \"%s\" differ",
                              name);
    }
    return true;
}

static bool read_central(const cd_zip *zip, cd_cursor *c, central *e)
{
    uint64_t at = c->bytes->base + c->at;
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
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, at, "zip: it spans several disks");
    }
    if (!cd_cursor_need(c, (uint64_t)name + extra + comment, "zip: a directory entry"))
        return false;
    e->entry.name = (const char *)c->bytes->data + c->at;
    e->entry.name_size = name;
    cd_cursor fields = { .bytes = c->bytes, .at = c->at + name, .end = c->at + name + extra };
    c->at += (size_t)name + extra + comment;
    return read_extra(zip, fields, e) && check_central(zip, at, e);
}

/* Local headers and descriptors are small, and the descriptor of an entry lies beside the header of
 * the next: a piece of the file that is kept from one look to the next saves most of the reading.
 */
typedef struct window {
    unsigned char memory[WINDOW];
    cd_bytes bytes; /* what of the memory is filled */
} window;

/* A cursor over [at, at + size), which the file has; `size` is at most WINDOW. */
static bool look(const cd_zip *zip, window *w, uint64_t at, size_t size, cd_cursor *out)
{
    uint64_t begin = w->bytes.base, end = begin + w->bytes.size;
    if (at < begin || at > end || size > end - at) {
        uint64_t left = zip->source->size - at;
        size_t wanted = left < WINDOW ? (size_t)left : WINDOW;
        w->bytes.size = 0;
        if (!cd_source_read(zip->source, at, w->memory, wanted)) return false;
        w->bytes.base = at;
        w->bytes.size = wanted;
    }
    size_t from = (size_t)(at - w->bytes.base);
    *out = (cd_cursor){ .bytes = &w->bytes, .at = from, .end = from + size };
    return true;
}

/* After the data of an entry with flag bit 3: CRC and sizes, behind a mark that old writers leave
 * out. Everything lies before `limit`. */
static bool read_descriptor(const cd_zip *zip, window *w, central *e, uint64_t limit)
{
    uint64_t at = e->entry.end, left = limit - at;
    cd_cursor c;
    if (!look(zip, w, at, left < DESCRIPTOR_MAX ? (size_t)left : DESCRIPTOR_MAX, &c)) return false;
    const unsigned char *data = w->bytes.data;
    bool marked = cd_cursor_left(&c) >= 4 && cd_load_le(data + c.at, 4) == DESCRIPTOR_MARK;
    if (marked) c.at += 4;
    if (cd_cursor_left(&c) < 12 || cd_cursor_u32le(&c) != e->entry.crc) {
        return bad(zip, at, "an entry's data descriptor is missing or has another CRC");
    }
    const unsigned char *sizes = data + c.at;
    bool wide = cd_cursor_left(&c) >= 16 && cd_load_le(sizes, 8) == e->packed &&
                cd_load_le(sizes + 8, 8) == e->size;
    bool narrow = cd_load_le(sizes, 4) == e->packed && cd_load_le(sizes + 4, 4) == e->size;
    if (!wide && !narrow) return bad(zip, at, "an entry's data descriptor has another size");
    e->entry.end = at + (marked ? 4 : 0) + 4 + (wide ? 16 : 8);
    return true;
}

/* Where the entry's bytes lie: behind a local header whose name and extra field have these sizes.
 */
static bool place_data(const cd_zip *zip, central *e, uint64_t fields, uint64_t limit)
{
    uint64_t at = e->header_at + LOCAL_SIZE;
    bool inside = fields <= limit - at;
    if (!inside || e->packed > limit - at - fields) {
        if (inside) at += fields;
        return cd_source_fail(
            zip->source, CD_ERR_FORMAT, at,
            "zip: an entry's %s %llu bytes, but %llu are left: the file is cut short or damaged",
            inside ? "data takes" : "header takes",
            (unsigned long long)(inside ? e->packed : fields), (unsigned long long)(limit - at));
    }
    e->entry.header_at = e->header_at;
    e->entry.data_at = at + fields;
    e->entry.size = e->packed;
    e->entry.end = e->entry.data_at + e->packed;
    return true;
}

static bool read_local(const cd_zip *zip, window *w, central *e, uint64_t limit)
{
    uint64_t at = e->header_at;
    size_t wanted = LOCAL_SIZE + e->entry.name_size;
    if (at > limit || limit - at < wanted) {
        return bad(zip, at, "an entry's header does not lie before the directory");
    }
    cd_cursor c;
    if (!look(zip, w, at, wanted, &c)) return false;
    uint32_t mark = cd_cursor_u32le(&c);
    (void)cd_cursor_u16le(&c); /* version */
    uint16_t flags = cd_cursor_u16le(&c), method = cd_cursor_u16le(&c);
    (void)cd_cursor_u32le(&c); /* time and date */
    uint32_t crc = cd_cursor_u32le(&c), packed = cd_cursor_u32le(&c), size = cd_cursor_u32le(&c);
    uint16_t name = cd_cursor_u16le(&c), extra = cd_cursor_u16le(&c);
    if (mark != LOCAL_MARK) return bad(zip, at, "an entry's header is damaged");
    bool described = flags & FLAG_DESCRIPTOR;
    if (method != e->entry.method || (flags & FLAG_ENCRYPTED) || name != e->entry.name_size ||
        memcmp(w->bytes.data + c.at, e->entry.name, name) != 0 ||
        (!described && (crc != e->entry.crc || !agrees(e->size, size, UINT32_MAX) ||
                        !agrees(e->packed, packed, UINT32_MAX)))) {
        return bad(zip, at, "an entry's header and the directory disagree");
    }
    return place_data(zip, e, (uint64_t)name + extra, limit) &&
           (!described || read_descriptor(zip, w, e, limit));
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
            return cd_source_fail(zip->source, CD_ERR_FORMAT, e->header_at,
                                  "zip: two entries are called \"%s\"",
                                  cd_printable(name, sizeof name, e->name, e->name_size));
        }
    }
    return true;
}

static bool read_directory(cd_zip *zip, const directory *d, cd_budget *budget)
{
    if (!cd_source_piece(zip->source, d->at, d->size, budget, &zip->directory) ||
        !cd_budget_grow(budget, &zip->entries, &zip->capacity, (size_t)d->entries,
                        sizeof *zip->entries)) {
        return false;
    }
    cd_cursor c = cd_cursor_over(&zip->directory);
    window w;
    cd_bytes_borrow(&w.bytes, zip->source->label, w.memory, 0);
    for (uint64_t i = 0; i < d->entries; i++) {
        central e;
        if (!read_central(zip, &c, &e) || !read_local(zip, &w, &e, d->at)) return false;
        zip->entries[zip->count++] = e.entry;
    }
    if (cd_cursor_left(&c) == 0) return true;
    return bad(zip, d->at + c.at, "the directory has bytes that are no entry");
}

/* A CRC of 0 is right for an entry of no bytes, and one in 4,294,967,296 for others. */
static bool lacks_crcs(const cd_zip *zip)
{
    bool bytes = false;
    for (size_t i = 0; i < zip->count; i++) {
        if (zip->entries[i].crc != 0) return false;
        bytes = bytes || zip->entries[i].size > 0;
    }
    return bytes;
}

bool cd_zip_open(cd_zip *zip, const cd_source *source, cd_budget *budget)
{
    *zip = (cd_zip){ .source = source };
    directory d = { .entries = 0 };
    if (!read_end(zip, &d, budget) || !read_directory(zip, &d, budget)) return false;
    if (zip->count == 0) return bad(zip, 0, "it has no entries");
    const char *first = zip->entries[0].name;
    if (!check_overlap(zip) || !check_duplicates(zip)) return false;
    while (zip->entries[zip->first].name != first) zip->first++;
    zip->without_crcs = lacks_crcs(zip);
    return true;
}

void cd_zip_release(cd_zip *zip, cd_budget *budget)
{
    cd_budget_release(budget, &zip->entries, &zip->capacity, sizeof *zip->entries);
    cd_bytes_release(&zip->directory, budget);
    zip->count = 0;
}

bool cd_zip_check_stored(const cd_zip *zip)
{
    for (size_t i = 0; i < zip->count; i++) {
        const cd_zip_entry *e = &zip->entries[i];
        if (e->method == 0) continue;
        char name[64];
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, e->header_at,
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

bool cd_zip_check_crc(const cd_zip *zip, const cd_zip_entry *entry, const void *data)
{
    uint32_t crc = (uint32_t)crc32_z(0, data, (size_t)entry->size);
    if (crc == entry->crc) return true;
    char name[64];
    return cd_source_fail(zip->source, CD_ERR_FORMAT, entry->data_at,
                          "zip: \"%s\" is damaged: its CRC is %08x, the directory says %08x",
                          cd_printable(name, sizeof name, entry->name, entry->name_size),
                          (unsigned)crc, (unsigned)entry->crc);
}
