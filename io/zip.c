/* Step 4 of cd_load (checkpoint.c). zip_internal.h says how a zip file is laid out and what is
 * checked.
 *
 * The central directory at the end of the file is what counts. A program that reads local headers
 * from the start instead might see other entries in the same file, so every local header must agree
 * with the directory. */
#include "io/zip_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "io/crc_internal.h"

enum {
    END_SIZE = 22, /* of the end record, without its comment */
    COMMENT_MAX = 65535,
    LOCATOR_SIZE = 20, /* of the locator of the zip64 end record */
    END64_SIZE = 56,   /* of the zip64 end record */
    CENTRAL_SIZE = 46, /* of a central header, without name, extra field and comment */
    LOCAL_SIZE = 30,   /* of a local header, without name and extra field */
    DESCRIPTOR_MAX = 24,
    NAME_MAX_BYTES = 4096,
    ENTRIES_MAX = 1000000,
    FLAG_ENCRYPTED = 1, /* of the general-purpose flags */
    FLAG_DESCRIPTOR = 8 /* CRC and sizes follow the data and may be 0 in the local header */
};

enum { WINDOW = 8192 }; /* bytes that are read at once; a local header with its name fits */

static const uint32_t END_SIGNATURE = 0x06054b50, LOCATOR_SIGNATURE = 0x07064b50,
                      END64_SIGNATURE = 0x06064b50, CENTRAL_SIGNATURE = 0x02014b50,
                      LOCAL_SIGNATURE = 0x04034b50, DESCRIPTOR_SIGNATURE = 0x08074b50;

static bool fail_at(const cd_zip *zip, uint64_t at, const char *sentence)
{
    return cd_source_fail(zip->source, CD_ERR_FORMAT, at, "zip: %s", sentence);
}

/* --- the end of the file ---------------------------------------------------------------------- */

/* What the end records say about the central directory. */
typedef struct central_directory {
    uint64_t entries, size, offset;
    uint64_t end_records; /* offset of the first end record: the directory must end before it */
} central_directory;

/* PyTorch's reader takes the last end record, whatever follows it. So a file to which bytes were
 * appended is read here too, with a warning. `rest` is the number of bytes behind the end record,
 * `comment` how many of them its comment has. */
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

/* The end record is the last one in the file whose comment ends exactly with the file; where there
 * is none, the last one. `tail` is the end of the file, and *at an offset in it. */
static bool find_end_record(const cd_zip *zip, const cd_bytes *tail, size_t *at)
{
    const size_t searched = END_SIZE + COMMENT_MAX, none = SIZE_MAX;
    size_t other = none, first = tail->size > searched ? tail->size - searched : 0;
    for (size_t p = tail->size < END_SIZE ? 0 : tail->size - END_SIZE + 1; p-- > first;) {
        if (cd_load_le(tail->data + p, 4) != END_SIGNATURE) continue;
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
        searched, COMMENT_MAX);
}

/* Whether a narrow field (of 16 or 32 bits) says the same as its 64-bit form: it has the same
 * value, or all its bits are set, which means "see the 64-bit form". */
static bool agrees(uint64_t wide, uint64_t narrow, uint64_t saturated)
{
    return narrow == saturated || narrow == wide;
}

/* Reads the locator, at which the cursor stands, and the zip64 end record that it points to.
 * Replaces *d, which the end record filled. */
static bool read_zip64_end_record(const cd_zip *zip, cd_cursor *locator, central_directory *d)
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
        return fail_at(zip, locator_at, "the zip64 end record does not lie before its locator");
    }
    unsigned char record[END64_SIZE];
    cd_bytes bytes;
    if (!cd_source_read(zip->source, at, record, sizeof record)) return false;
    cd_bytes_borrow(&bytes, zip->source->label, record, sizeof record);
    cd_cursor c = cd_cursor_over(&bytes);
    uint32_t signature = cd_cursor_u32le(&c);
    uint64_t size = cd_cursor_u64le(&c);
    if (signature != END64_SIGNATURE || size != locator_at - at - 12) {
        return fail_at(
            zip, at,
            "the zip64 end record does not lie here, right before its locator: the file is "
            "damaged, or bytes were put in front of the archive");
    }
    (void)cd_cursor_u32le(&c); /* versions: of the writer, and the one needed to read */
    if (cd_cursor_u32le(&c) != 0 || cd_cursor_u32le(&c) != 0) {
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, at, "zip: it spans several disks");
    }
    uint64_t entries_here = cd_cursor_u64le(&c), entries = cd_cursor_u64le(&c),
             directory_size = cd_cursor_u64le(&c), start = cd_cursor_u64le(&c);
    if (entries_here != entries || !agrees(entries, d->entries, UINT16_MAX) ||
        !agrees(directory_size, d->size, UINT32_MAX) || !agrees(start, d->offset, UINT32_MAX)) {
        return fail_at(zip, at, "the zip64 end record and the end record disagree");
    }
    *d = (central_directory){
        .entries = entries, .size = directory_size, .offset = start, .end_records = at
    };
    return true;
}

/* Fills *d from the end record in `tail` and, where there is a locator before it,
 * from the zip64 end record. */
static bool read_end_record(const cd_zip *zip, const cd_bytes *tail, central_directory *d)
{
    size_t found = 0;
    if (!find_end_record(zip, tail, &found)) return false;
    cd_cursor c = { .bytes = tail, .at = found, .end = tail->size };
    uint64_t at = tail->base + found;
    (void)cd_cursor_u32le(&c);
    uint16_t disk = cd_cursor_u16le(&c), start_disk = cd_cursor_u16le(&c),
             entries_here = cd_cursor_u16le(&c);
    d->entries = cd_cursor_u16le(&c);
    d->size = cd_cursor_u32le(&c);
    d->offset = cd_cursor_u32le(&c);
    d->end_records = at;
    if ((disk != 0 && disk != UINT16_MAX) || (start_disk != 0 && start_disk != UINT16_MAX) ||
        entries_here != d->entries) {
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, at, "zip: it spans several disks");
    }
    if (found >= LOCATOR_SIZE &&
        cd_load_le(tail->data + found - LOCATOR_SIZE, 4) == LOCATOR_SIGNATURE) {
        c.at = found - LOCATOR_SIZE;
        if (!read_zip64_end_record(zip, &c, d)) return false;
    }
    if (d->offset > d->end_records || d->size > d->end_records - d->offset) {
        return fail_at(zip, at, "the directory does not lie before the end record");
    }
    if (d->entries > ENTRIES_MAX || d->entries > d->size / CENTRAL_SIZE) {
        return fail_at(zip, at, "it claims more entries than its directory has room for");
    }
    return true;
}

static bool read_end_records(const cd_zip *zip, central_directory *d, cd_budget *budget)
{
    uint64_t size = zip->source->size, limit = LOCATOR_SIZE + END_SIZE + COMMENT_MAX;
    if (size > limit) size = limit;
    cd_bytes tail;
    if (!cd_source_piece(zip->source, zip->source->size - size, size, budget, &tail)) return false;
    bool ok = read_end_record(zip, &tail, d);
    cd_bytes_release(&tail, budget);
    return ok;
}

/* --- entries ---------------------------------------------------------------------------------- */

/* A header of the central directory: the entry, filled in step by step, and the fields that only
 * the checks need. */
typedef struct central_header {
    cd_zip_entry entry;
    uint64_t uncompressed_size, compressed_size, header_offset;
    uint16_t flags;
} central_header;

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

/* Extra fields are blocks of id, size and bytes. The zip64 one (id 1) has the 64-bit forms of those
 * of the three numbers below, in this order, whose 32-bit field has all bits set. */
static bool read_extra(const cd_zip *zip, cd_cursor extra, central_header *e)
{
    while (cd_cursor_left(&extra) >= 4) {
        uint64_t at = extra.bytes->base + extra.at;
        uint16_t id = cd_cursor_u16le(&extra), size = cd_cursor_u16le(&extra);
        if (size > cd_cursor_left(&extra)) return fail_at(zip, at, "an extra field is too long");
        if (id == 0x0001) {
            cd_cursor field = { .bytes = extra.bytes, .at = extra.at, .end = extra.at + size };
            uint64_t *const wide[] = { &e->uncompressed_size, &e->compressed_size,
                                       &e->header_offset };
            for (int i = 0; i < 3; i++) {
                if (*wide[i] != UINT32_MAX) continue;
                if (cd_cursor_left(&field) < 8)
                    return fail_at(zip, at, "the zip64 field is too short");
                *wide[i] = cd_cursor_u64le(&field);
            }
            return true;
        }
        extra.at += size;
    }
    return true;
}

static bool check_central_header(const cd_zip *zip, uint64_t at, const central_header *e)
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
    if (e->entry.method == CD_ZIP_STORED && e->uncompressed_size != e->compressed_size) {
        return cd_source_fail(zip->source, CD_ERR_FORMAT, at, "zip: the two sizes of \"%s\" differ",
                              name);
    }
    return true;
}

static bool read_central_header(const cd_zip *zip, cd_cursor *c, central_header *e)
{
    uint64_t at = c->bytes->base + c->at;
    if (!cd_cursor_need(c, CENTRAL_SIZE, "zip: a directory entry")) return false;
    *e = (central_header){ .uncompressed_size = 0 };
    uint32_t signature = cd_cursor_u32le(c);
    (void)cd_cursor_u32le(c); /* versions: of the writer, and the one needed to read */
    e->flags = cd_cursor_u16le(c);
    e->entry.method = cd_cursor_u16le(c);
    (void)cd_cursor_u32le(c); /* time and date */
    e->entry.crc = cd_cursor_u32le(c);
    e->compressed_size = cd_cursor_u32le(c);
    e->uncompressed_size = cd_cursor_u32le(c);
    uint16_t name = cd_cursor_u16le(c), extra = cd_cursor_u16le(c), comment = cd_cursor_u16le(c),
             disk = cd_cursor_u16le(c);
    (void)cd_cursor_u16le(c); /* attributes */
    (void)cd_cursor_u32le(c);
    e->header_offset = cd_cursor_u32le(c);
    if (signature != CENTRAL_SIGNATURE) return fail_at(zip, at, "a directory entry is damaged");
    if (disk != 0 && disk != UINT16_MAX) {
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, at, "zip: it spans several disks");
    }
    if (!cd_cursor_need(c, (uint64_t)name + extra + comment, "zip: a directory entry"))
        return false;
    e->entry.name = (const char *)c->bytes->data + c->at;
    e->entry.name_size = name;
    cd_cursor fields = { .bytes = c->bytes, .at = c->at + name, .end = c->at + name + extra };
    c->at += (size_t)name + extra + comment;
    return read_extra(zip, fields, e) && check_central_header(zip, at, e);
}

/* A piece of the file that is kept from one view to the next. Local headers and data descriptors
 * are small, and the descriptor of an entry lies beside the header of the next, so one read serves
 * several of them. */
typedef struct window {
    unsigned char memory[WINDOW];
    cd_bytes bytes; /* the filled part of `memory` */
} window;

/* *out is a cursor over the file's bytes [at, at + size). They must lie in the file, and `size`
 * must be at most WINDOW. */
static bool view(const cd_zip *zip, window *w, uint64_t at, size_t size, cd_cursor *out)
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

/* The data descriptor behind the data of an entry with FLAG_DESCRIPTOR: a signature, which old
 * writers leave out, the CRC, and both sizes with 32 or 64 bits each. It must end before `limit`.
 * Moves the entry's end behind it. */
static bool read_descriptor(const cd_zip *zip, window *w, central_header *e, uint64_t limit)
{
    uint64_t at = e->entry.end, left = limit - at;
    cd_cursor c;
    if (!view(zip, w, at, left < DESCRIPTOR_MAX ? (size_t)left : DESCRIPTOR_MAX, &c)) return false;
    const unsigned char *data = w->bytes.data;
    bool has_signature =
        cd_cursor_left(&c) >= 4 && cd_load_le(data + c.at, 4) == DESCRIPTOR_SIGNATURE;
    if (has_signature) c.at += 4;
    if (cd_cursor_left(&c) < 12 || cd_cursor_u32le(&c) != e->entry.crc) {
        return fail_at(zip, at, "an entry's data descriptor is missing or has another CRC");
    }
    const unsigned char *sizes = data + c.at;
    bool wide = cd_cursor_left(&c) >= 16 && cd_load_le(sizes, 8) == e->compressed_size &&
                cd_load_le(sizes + 8, 8) == e->uncompressed_size;
    bool narrow = cd_load_le(sizes, 4) == e->compressed_size &&
                  cd_load_le(sizes + 4, 4) == e->uncompressed_size;
    if (!wide && !narrow) return fail_at(zip, at, "an entry's data descriptor has another size");
    e->entry.end = at + (has_signature ? 4 : 0) + 4 + (wide ? 16 : 8);
    return true;
}

/* Sets where the entry's data lie: behind its local header, whose name and extra field have
 * `fields` bytes together. The data must end before `limit`. */
static bool locate_data(const cd_zip *zip, central_header *e, uint64_t fields, uint64_t limit)
{
    uint64_t at = e->header_offset + LOCAL_SIZE;
    bool fields_fit = fields <= limit - at;
    if (!fields_fit || e->compressed_size > limit - at - fields) {
        if (fields_fit) at += fields;
        return cd_source_fail(
            zip->source, CD_ERR_FORMAT, at,
            "zip: an entry's %s %llu bytes, but %llu are left: the file is cut short or damaged",
            fields_fit ? "data takes" : "header takes",
            (unsigned long long)(fields_fit ? e->compressed_size : fields),
            (unsigned long long)(limit - at));
    }
    e->entry.header_offset = e->header_offset;
    e->entry.data_offset = at + fields;
    e->entry.size = e->compressed_size;
    e->entry.unpacked_size = e->uncompressed_size;
    e->entry.end = e->entry.data_offset + e->compressed_size;
    return true;
}

/* Reads the local header of the entry, compares it with the header of the central directory, and
 * sets where the data lie. Everything must lie before `limit`, the start of the directory. */
static bool read_local_header(const cd_zip *zip, window *w, central_header *e, uint64_t limit)
{
    uint64_t at = e->header_offset;
    size_t wanted = LOCAL_SIZE + e->entry.name_size;
    if (at > limit || limit - at < wanted) {
        return fail_at(zip, at, "an entry's header does not lie before the directory");
    }
    cd_cursor c;
    if (!view(zip, w, at, wanted, &c)) return false;
    uint32_t signature = cd_cursor_u32le(&c);
    (void)cd_cursor_u16le(&c); /* version */
    uint16_t flags = cd_cursor_u16le(&c), method = cd_cursor_u16le(&c);
    (void)cd_cursor_u32le(&c); /* time and date */
    uint32_t crc = cd_cursor_u32le(&c), compressed_size = cd_cursor_u32le(&c),
             uncompressed_size = cd_cursor_u32le(&c);
    uint16_t name = cd_cursor_u16le(&c), extra = cd_cursor_u16le(&c);
    if (signature != LOCAL_SIGNATURE) return fail_at(zip, at, "an entry's header is damaged");
    bool has_descriptor = flags & FLAG_DESCRIPTOR;
    if (method != e->entry.method || (flags & FLAG_ENCRYPTED) || name != e->entry.name_size ||
        memcmp(w->bytes.data + c.at, e->entry.name, name) != 0 ||
        (!has_descriptor &&
         (crc != e->entry.crc || !agrees(e->uncompressed_size, uncompressed_size, UINT32_MAX) ||
          !agrees(e->compressed_size, compressed_size, UINT32_MAX)))) {
        return fail_at(zip, at, "an entry's header and the directory disagree");
    }
    return locate_data(zip, e, (uint64_t)name + extra, limit) &&
           (!has_descriptor || read_descriptor(zip, w, e, limit));
}

/* --- the whole -------------------------------------------------------------------------------- */

static int compare_offsets(const void *a, const void *b)
{
    const cd_zip_entry *x = a, *y = b;
    return x->header_offset < y->header_offset ? -1 : x->header_offset > y->header_offset;
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
    qsort(zip->entries, zip->count, sizeof *zip->entries, compare_offsets);
    for (size_t i = 1; i < zip->count; i++) {
        if (zip->entries[i].header_offset < zip->entries[i - 1].end) {
            return fail_at(zip, zip->entries[i].header_offset, "two entries share bytes");
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
            return cd_source_fail(zip->source, CD_ERR_FORMAT, e->header_offset,
                                  "zip: two entries are called \"%s\"",
                                  cd_printable(name, sizeof name, e->name, e->name_size));
        }
    }
    return true;
}

/* Reads the central directory, and for each entry its local header. */
static bool read_directory(cd_zip *zip, const central_directory *d, cd_budget *budget)
{
    if (!cd_source_piece(zip->source, d->offset, d->size, budget, &zip->central_directory) ||
        !cd_budget_grow(budget, &zip->entries, &zip->capacity, (size_t)d->entries,
                        sizeof *zip->entries)) {
        return false;
    }
    cd_cursor c = cd_cursor_over(&zip->central_directory);
    window w;
    cd_bytes_borrow(&w.bytes, zip->source->label, w.memory, 0);
    for (uint64_t i = 0; i < d->entries; i++) {
        central_header e;
        if (!read_central_header(zip, &c, &e) || !read_local_header(zip, &w, &e, d->offset))
            return false;
        zip->entries[zip->count++] = e.entry;
    }
    if (cd_cursor_left(&c) == 0) return true;
    return fail_at(zip, d->offset + c.at, "the directory has bytes that are no entry");
}

/* Whether all CRCs are 0 though there is data. 0 is the right CRC for no bytes, and for one in 2^32
 * entries otherwise. */
static bool lacks_crcs(const cd_zip *zip)
{
    bool has_data = false;
    for (size_t i = 0; i < zip->count; i++) {
        if (zip->entries[i].crc != 0) return false;
        has_data = has_data || zip->entries[i].size > 0;
    }
    return has_data;
}

bool cd_zip_open(cd_zip *zip, const cd_source *source, cd_budget *budget)
{
    *zip = (cd_zip){ .source = source };
    central_directory d = { .entries = 0 };
    if (!read_end_records(zip, &d, budget) || !read_directory(zip, &d, budget)) return false;
    if (zip->count == 0) return fail_at(zip, 0, "it has no entries");
    const char *first = zip->entries[0].name;
    if (!check_overlap(zip) || !check_duplicates(zip)) return false;
    while (zip->entries[zip->first_listed].name != first) zip->first_listed++;
    zip->without_crcs = lacks_crcs(zip);
    return true;
}

void cd_zip_release(cd_zip *zip, cd_budget *budget)
{
    cd_budget_release(budget, &zip->entries, &zip->capacity, sizeof *zip->entries);
    cd_bytes_release(&zip->central_directory, budget);
    zip->count = 0;
}

bool cd_zip_check_stored(const cd_zip *zip)
{
    for (size_t i = 0; i < zip->count; i++) {
        const cd_zip_entry *e = &zip->entries[i];
        if (e->method == CD_ZIP_STORED) continue;
        char name[64];
        return cd_source_fail(zip->source, CD_ERR_UNSUPPORTED, e->header_offset,
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
    uint32_t crc = cd_crc(0, data, (size_t)entry->size);
    if (crc == entry->crc) return true;
    char name[64];
    return cd_source_fail(zip->source, CD_ERR_FORMAT, entry->data_offset,
                          "zip: \"%s\" is damaged: its CRC is %08x, the directory says %08x",
                          cd_printable(name, sizeof name, entry->name, entry->name_size),
                          (unsigned)crc, (unsigned)entry->crc);
}
