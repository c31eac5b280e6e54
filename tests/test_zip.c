/* Reading zip archives: the central directory, local headers, end records, and
 * what is wrong with them. */
#include "hostile.h"

#include "io/zip_internal.h"

/* --- a small archive -------------------------------------------------------------------------- */

/* Offsets of fields in the records of a zip file (APPNOTE.TXT, section 4.3). */
enum {
    LOCAL_FLAGS = 6,
    LOCAL_METHOD = 8,
    LOCAL_CRC = 14,
    LOCAL_COMPRESSED = 18,
    LOCAL_UNCOMPRESSED = 22,
    LOCAL_NAME = 30,

    DESCRIPTOR_SIZE = 16, /* signature, CRC, both sizes, 4 bytes each */

    CENTRAL_FLAGS = 8,
    CENTRAL_METHOD = 10,
    CENTRAL_COMPRESSED = 20,
    CENTRAL_UNCOMPRESSED = 24,
    CENTRAL_EXTRA_SIZE = 30,
    CENTRAL_DISK = 34,
    CENTRAL_LOCAL_OFFSET = 42,
    CENTRAL_NAME = 46,

    END64_OWN_SIZE = 4, /* of the zip64 end record */
    END64_DISK = 16,
    END64_ENTRIES_HERE = 24,

    LOCATOR_END64_OFFSET = 8,
    LOCATOR_DISKS = 16,
    LOCATOR_SIZE = 20,

    END_DISK = 4,
    END_ENTRIES_HERE = 8,
    END_ENTRIES = 10,
    END_DIRECTORY_SIZE = 12,
    END_DIRECTORY_OFFSET = 16,
    END_COMMENT_SIZE = 20,
    END_SIZE = 22
};

/* Offset in the finished file of the end record, which has no comment. */
static size_t end_record(const zip_builder *z)
{
    return z->file.size - END_SIZE;
}

static void two_entries(zip_builder *z)
{
    *z = (zip_builder){ .count = 0 };
    zip_add(z, "m/data.pkl", "hello", 5);
    zip_add(z, "m/data/0", "12345678", 8);
}

typedef struct opened {
    cd_source source;
    cd_budget budget;
    cd_zip zip;
} opened;

static bool open_memory(opened *o, const unsigned char *data, size_t size)
{
    cd_source_borrow(&o->source, "m.zip", data, size);
    o->budget = (cd_budget){ .limit = CD_BUDGET_DEFAULT, .label = "m.zip" };
    return cd_zip_open(&o->zip, &o->source, &o->budget);
}

static bool open_zip(opened *o, const zip_builder *z)
{
    return open_memory(o, z->file.at, z->file.size);
}

static void close_zip(opened *o)
{
    cd_zip_release(&o->zip, &o->budget);
    assert_int_equal(o->budget.used, 0);
}

static void refuses(const zip_builder *z, cd_code code, const char *text)
{
    opened o;
    assert_false(open_zip(&o, z));
    close_zip(&o);
    assert_failed_with(code, text);
}

/* Offset in the finished file of the directory, which ends at `end`. */
static size_t directory_offset(const zip_builder *z, size_t end)
{
    return end - z->directory.size;
}

/* --- what is right ---------------------------------------------------------------------------- */

static void entries_are_found(void **state)
{
    (void)state;
    for (int zip64 = 0; zip64 < 2; zip64++) {
        zip_builder z;
        two_entries(&z);
        (void)zip_end(&z, zip64);
        opened o;
        assert_true(open_zip(&o, &z));
        assert_int_equal(o.zip.count, 2);
        const cd_zip_entry *e = cd_zip_find(&o.zip, "m/data/0", 8);
        assert_non_null(e);
        assert_int_equal(e->size, 8);
        assert_memory_equal(o.source.memory + e->data_offset, "12345678", 8);
        assert_true(cd_zip_check_crc(&o.zip, e, "12345678"));
        assert_true(cd_zip_check_stored(&o.zip));
        assert_null(cd_zip_find(&o.zip, "m/data/1", 8));
        assert_null(cd_zip_find(&o.zip, "m/data/", 7));
        close_zip(&o);
    }
}

static void the_first_of_the_directory_is_known(void **state)
{
    (void)state;
    zip_builder z = { .count = 0 };
    zip_add(&z, "z/last", "1", 1);
    zip_add(&z, "a/first", "2", 1);
    (void)zip_end(&z, true);
    opened o;
    assert_true(open_zip(&o, &z));
    assert_memory_equal(o.zip.entries[o.zip.first_listed].name, "z/last", 6);
    close_zip(&o);
}

static void sizes_in_the_local_header_are_fine_too(void **state)
{
    (void)state;
    zip_builder z = { .no_descriptor = true };
    zip_add(&z, "m/a", "data", 4);
    zip_add(&z, "m/empty", "", 0);
    (void)zip_end(&z, false);
    opened o;
    assert_true(open_zip(&o, &z));
    close_zip(&o);
}

static void an_entry_of_no_bytes_has_no_descriptor(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    zip_add(&z, "m/empty", "", 0);
    zip_add(&z, "m/z", "x", 1);
    (void)zip_end(&z, true);
    opened o;
    assert_true(open_zip(&o, &z));
    close_zip(&o);
}

static void a_descriptor_may_lack_its_signature(void **state)
{
    (void)state;
    zip_builder z = { .count = 0 };
    zip_add(&z, "m/a", "data", 4);
    size_t descriptor = z.file.size - DESCRIPTOR_SIZE;
    memmove(z.file.at + descriptor, z.file.at + descriptor + 4, DESCRIPTOR_SIZE - 4);
    z.file.size -= 4;
    (void)zip_end(&z, false);
    opened o;
    assert_true(open_zip(&o, &z));
    close_zip(&o);
}

static void a_descriptor_may_have_wide_sizes(void **state)
{
    (void)state;
    zip_builder z = { .count = 0 };
    zip_add(&z, "m/a", "data", 4);
    z.file.size -= 8; /* both sizes */
    add_le(&z.file, 4, 8);
    add_le(&z.file, 4, 8);
    (void)zip_end(&z, true);
    opened o;
    assert_true(open_zip(&o, &z));
    close_zip(&o);
}

static void a_comment_may_follow(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, false);
    set_le(&z.file, end_record(&z) + END_COMMENT_SIZE, 7, 2);
    ADD(&z.file, "comment");
    opened o;
    assert_true(open_zip(&o, &z));
    close_zip(&o);
}

static char warning[512];
static int warnings;

static void keep_warning(cd_log_level level, const char *message, void *user)
{
    (void)user;
    if (level != CD_LOG_WARNING) return;
    warnings++;
    snprintf(warning, sizeof warning, "%s", message);
}

/* Opens the archive, which must succeed; `warning` is the last warning. */
static void accepts(const zip_builder *z)
{
    opened o;
    warnings = 0;
    warning[0] = '\0';
    cd_set_logger(keep_warning, NULL);
    assert_true(open_zip(&o, z));
    cd_set_logger(NULL, NULL);
    assert_int_equal(o.zip.count, 2);
    close_zip(&o);
}

/* PyTorch reads such files too. */
static void bytes_behind_the_archive_are_a_warning(void **state)
{
    (void)state;
    static const size_t many[] = { 1, 4, 100, 60000 };
    for (int zip64 = 0; zip64 < 2; zip64++) {
        for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
            zip_builder z;
            two_entries(&z);
            (void)zip_end(&z, zip64);
            for (size_t k = 0; k < many[i]; k++) ADD(&z.file, "x");
            accepts(&z);
            assert_int_equal(warnings, 1);
            char text[100];
            snprintf(text, sizeof text, "m.zip: %zu byte%s ignored", many[i],
                     many[i] == 1 ? " follows the end of the zip archive and is"
                                  : "s follow the end of the zip archive and are");
            assert_that(strstr(warning, text), "%s", warning);
        }
    }
}

static void a_comment_of_another_length_is_a_warning(void **state)
{
    (void)state;
    static const uint16_t lengths[] = { 4, 50 };
    for (int i = 0; i < 2; i++) {
        zip_builder z;
        two_entries(&z);
        (void)zip_end(&z, true);
        set_le(&z.file, end_record(&z) + END_COMMENT_SIZE, lengths[i], 2);
        ADD(&z.file, "comment");
        accepts(&z);
        assert_int_equal(warnings, 1);
        assert_non_null(strstr(warning, i == 0 ? "3 bytes follow the end of the zip archive"
                                               : "comment at the end is cut short: 7 of 50"));
    }
}

/* The end record is the one whose comment ends with the file, not what looks
 * like one in the comment. */
static void an_end_record_in_the_comment_is_none(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, true);
    set_le(&z.file, end_record(&z) + END_COMMENT_SIZE, 30, 2);
    ADD(&z.file, "PK\5\6zzzzzzzzzzzzzzzzzzzzzzzzzz");
    accepts(&z);
    assert_int_equal(warnings, 0);
}

static void more_behind_the_archive_than_is_looked_at(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, true);
    size_t size = z.file.size + 65536;
    unsigned char *file = calloc(1, size);
    memcpy(file, z.file.at, z.file.size);
    opened o;
    assert_true(open_memory(&o, file, size - 1));
    close_zip(&o);
    assert_false(open_memory(&o, file, size));
    close_zip(&o);
    assert_failed_with(CD_ERR_FORMAT, "there is no end record in the last 65557 bytes: the file is "
                                      "cut short or damaged, or more than 65535 bytes were "
                                      "appended");
    free(file);
}

/* Offsets in a zip count from its first byte, which is not the file's first byte then. */
static void bytes_in_front_of_the_archive(void **state)
{
    (void)state;
    for (int zip64 = 0; zip64 < 2; zip64++) {
        zip_builder z;
        two_entries(&z);
        (void)zip_end(&z, zip64);
        buffer moved = { .size = 0 };
        ADD(&moved, "front");
        add(&moved, z.file.at, z.file.size);
        z.file = moved;
        refuses(&z, CD_ERR_FORMAT,
                zip64 ? "bytes were put in front of the archive" : "a directory entry is damaged");
    }
}

static void two_archives_one_behind_the_other(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, true);
    buffer once = z.file;
    add(&z.file, once.at, once.size);
    refuses(&z, CD_ERR_FORMAT, "bytes were put in front of the archive");
}

static void crcs_of_zero_throughout_are_noticed(void **state)
{
    (void)state;
    for (int zeros = 0; zeros <= 2; zeros++) { /* how many entries have CRC 0 */
        zip_builder z = { .count = 0 };
        z.no_crc = zeros > 0;
        zip_add(&z, "m/a", "data", 4);
        z.no_crc = zeros > 1;
        zip_add(&z, "m/b", "data", 4);
        zip_add(&z, "m/empty", "", 0);
        (void)zip_end(&z, true);
        opened o;
        assert_true(open_zip(&o, &z));
        assert_int_equal(o.zip.without_crcs, zeros == 2);
        close_zip(&o);
    }
    zip_builder z = { .count = 0 };
    zip_add(&z, "m/empty", "", 0); /* whose CRC is 0 */
    (void)zip_end(&z, true);
    opened o;
    assert_true(open_zip(&o, &z));
    assert_false(o.zip.without_crcs);
    close_zip(&o);
}

static void saturated_fields_are_in_the_zip64_record(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, true);
    set_le(&z.file, end_record(&z) + END_ENTRIES_HERE, 0xFFFFFFFF, 4); /* and END_ENTRIES */
    set_le(&z.file, end_record(&z) + END_DIRECTORY_SIZE, 0xFFFFFFFF, 4);
    set_le(&z.file, end_record(&z) + END_DIRECTORY_OFFSET, 0xFFFFFFFF, 4);
    opened o;
    assert_true(open_zip(&o, &z));
    assert_int_equal(o.zip.count, 2);
    close_zip(&o);
}

static void saturated_sizes_are_in_the_extra_field(void **state)
{
    (void)state;
    for (int complete = 0; complete < 2; complete++) {
        zip_builder z = { .count = 0 };
        zip_add(&z, "m/a", "data", 4);
        size_t c = z.last_central;
        set_le(&z.directory, c + CENTRAL_COMPRESSED, 0xFFFFFFFF, 4);
        set_le(&z.directory, c + CENTRAL_UNCOMPRESSED, 0xFFFFFFFF, 4);
        set_le(&z.directory, c + CENTRAL_EXTRA_SIZE, complete ? 4 + 3 + 4 + 16 : 4 + 3 + 4 + 8, 2);
        add_le(&z.directory, 0x7777, 2); /* another field first */
        add_le(&z.directory, 3, 2);
        add_text(&z.directory, "abc");
        add_le(&z.directory, 1, 2);
        add_le(&z.directory, complete ? 16 : 8, 2);
        add_le(&z.directory, 4, 8);
        if (complete) add_le(&z.directory, 4, 8);
        (void)zip_end(&z, true);
        opened o;
        assert_int_equal(open_zip(&o, &z), complete);
        close_zip(&o);
        if (!complete) assert_failed_with(CD_ERR_FORMAT, "the zip64 field is too short");
    }
}

/* --- what is wrong ---------------------------------------------------------------------------- */

static void no_end_record(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, false);
    z.file.size--;
    refuses(&z, CD_ERR_FORMAT, "there is no end record");
    z.file.size = 0;
    refuses(&z, CD_ERR_FORMAT, "there is no end record");
}

static void end_records_that_disagree(void **state)
{
    (void)state;
    static const size_t fields[] = { END_ENTRIES, END_DIRECTORY_SIZE, END_DIRECTORY_OFFSET };
    for (size_t i = 0; i < 3; i++) {
        zip_builder z;
        two_entries(&z);
        (void)zip_end(&z, true);
        z.file.at[end_record(&z) + fields[i]]++;
        if (fields[i] == END_ENTRIES) z.file.at[end_record(&z) + END_ENTRIES_HERE]++;
        refuses(&z, CD_ERR_FORMAT, "disagree");
    }
}

static void a_zip64_record_that_disagrees_with_itself(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    size_t end = zip_end(&z, true);
    set_le(&z.file, end + END64_ENTRIES_HERE, 3, 8);
    refuses(&z, CD_ERR_FORMAT, "disagree");
    two_entries(&z);
    end = zip_end(&z, true);
    set_le(&z.file, end + END64_OWN_SIZE, 45, 8);
    refuses(&z, CD_ERR_FORMAT, "the zip64 end record does not lie here, right before its locator");
    two_entries(&z);
    end = zip_end(&z, true);
    z.file.at[end] = 'X';
    refuses(&z, CD_ERR_FORMAT, "the zip64 end record does not lie here, right before its locator");
    two_entries(&z);
    end = zip_end(&z, true);
    set_le(&z.file, end + END64_DISK, 1, 4);
    refuses(&z, CD_ERR_UNSUPPORTED, "several disks");
}

static void a_locator_that_points_nowhere(void **state)
{
    (void)state;
    static const uint64_t offsets[] = { UINT64_MAX, 1ULL << 40, 0 };
    for (size_t i = 0; i < 3; i++) {
        zip_builder z;
        two_entries(&z);
        (void)zip_end(&z, true);
        set_le(&z.file, end_record(&z) - LOCATOR_SIZE + LOCATOR_END64_OFFSET, offsets[i], 8);
        refuses(&z, CD_ERR_FORMAT, "zip64 end record");
    }
}

static void several_disks(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, false);
    set_le(&z.file, end_record(&z) + END_DISK, 1, 2);
    refuses(&z, CD_ERR_UNSUPPORTED, "several disks");
    two_entries(&z);
    (void)zip_end(&z, true);
    set_le(&z.file, end_record(&z) - LOCATOR_SIZE + LOCATOR_DISKS, 2, 4);
    refuses(&z, CD_ERR_UNSUPPORTED, "several disks");
    two_entries(&z);
    set_le(&z.directory, z.last_central + CENTRAL_DISK, 3, 2);
    (void)zip_end(&z, false);
    refuses(&z, CD_ERR_UNSUPPORTED, "several disks");
}

static void a_directory_outside_the_file(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, false);
    set_le(&z.file, end_record(&z) + END_DIRECTORY_OFFSET, 0x7FFFFFFF, 4);
    refuses(&z, CD_ERR_FORMAT, "the directory does not lie before the end record");
    two_entries(&z);
    (void)zip_end(&z, false);
    set_le(&z.file, end_record(&z) + END_DIRECTORY_SIZE, 0x7FFFFFFF, 4);
    refuses(&z, CD_ERR_FORMAT, "the directory does not lie before the end record");
}

static void more_entries_than_there_is_room_for(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, false);
    set_le(&z.file, end_record(&z) + END_ENTRIES_HERE, 60000, 2);
    set_le(&z.file, end_record(&z) + END_ENTRIES, 60000, 2);
    refuses(&z, CD_ERR_FORMAT, "more entries than its directory has room for");
}

static void fewer_entries_than_the_directory_has(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, false);
    set_le(&z.file, end_record(&z) + END_ENTRIES_HERE, 1, 2);
    set_le(&z.file, end_record(&z) + END_ENTRIES, 1, 2);
    refuses(&z, CD_ERR_FORMAT, "bytes that are no entry");
}

static void an_archive_of_nothing(void **state)
{
    (void)state;
    zip_builder z = { .count = 0 };
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "no entries");
}

static void compressed_entries(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    set_le(&z.directory, z.last_central + CENTRAL_METHOD, 8, 2);
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "an entry's header and the directory disagree");
    two_entries(&z);
    set_le(&z.directory, z.last_central + CENTRAL_METHOD, 8, 2);
    set_le(&z.file, z.last_local + LOCAL_METHOD, 8, 2);
    (void)zip_end(&z, true);
    opened o;
    assert_true(open_zip(&o, &z));
    assert_false(cd_zip_check_stored(&o.zip));
    close_zip(&o);
    assert_failed_with(CD_ERR_UNSUPPORTED, "\"m/data/0\" is compressed (method 8)");
}

static void encrypted_entries(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    set_le(&z.directory, z.last_central + CENTRAL_FLAGS, 1, 2);
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_UNSUPPORTED, "\"m/data/0\" is encrypted");
    two_entries(&z);
    set_le(&z.file, z.last_local + LOCAL_FLAGS, 9, 2);
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "disagree");
}

static void names_that_leave_the_folder(void **state)
{
    (void)state;
    static const char *const names[] = { "/etc/passwd", "../x", "m/../../x", "m/..", "m\\x", "" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        zip_builder z = { .count = 0 };
        zip_add(&z, names[i], "x", 1);
        (void)zip_end(&z, true);
        refuses(&z, CD_ERR_FORMAT, "is empty, absolute, too long or leaves its folder");
    }
    static const char *const fine[] = { "..x/y", "m/..x", "m/x..", "m/.data/version", "..." };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        zip_builder z = { .count = 0 };
        zip_add(&z, fine[i], "x", 1);
        (void)zip_end(&z, true);
        opened o;
        assert_true(open_zip(&o, &z));
        close_zip(&o);
    }
}

static void a_name_with_a_nul(void **state)
{
    (void)state;
    zip_builder z = { .count = 0 };
    zip_add(&z, "m/aXb", "x", 1);
    z.directory.at[z.last_central + CENTRAL_NAME + 3] = 0;
    z.file.at[z.last_local + LOCAL_NAME + 3] = 0;
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "leaves its folder");
}

static void a_name_twice(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    zip_add(&z, "m/data.pkl", "other", 5);
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "two entries are called \"m/data.pkl\"");
    two_entries(&z); /* and when theirs is the last name */
    zip_add(&z, "z", "one", 3);
    zip_add(&z, "z", "other", 5);
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "two entries are called \"z\"");
}

static void names_that_differ_between_the_headers(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    z.file.at[z.last_local + LOCAL_NAME] = 'n';
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "an entry's header and the directory disagree");
}

static void values_that_differ_between_the_headers(void **state)
{
    (void)state;
    static const size_t fields[] = { LOCAL_METHOD, LOCAL_CRC, LOCAL_COMPRESSED,
                                     LOCAL_UNCOMPRESSED };
    for (size_t i = 0; i < 4; i++) {
        zip_builder z = { .no_descriptor = true };
        zip_add(&z, "m/a", "data", 4);
        z.file.at[z.last_local + fields[i]] ^= 1;
        (void)zip_end(&z, true);
        refuses(&z, CD_ERR_FORMAT, "an entry's header and the directory disagree");
    }
}

static void sizes_that_differ_from_each_other(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    set_le(&z.directory, z.last_central + CENTRAL_COMPRESSED, 7, 4);
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "the two sizes of \"m/data/0\" differ");
}

static void a_descriptor_that_differs(void **state)
{
    (void)state;
    for (size_t back = DESCRIPTOR_SIZE; back >= 4; back -= 4) { /* each of the four fields */
        zip_builder z;
        two_entries(&z);
        z.file.at[z.file.size - back] ^= 1;
        (void)zip_end(&z, true);
        refuses(&z, CD_ERR_FORMAT, "an entry's data descriptor");
    }
}

static void signatures_that_are_damaged(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    z.file.at[z.last_local] = 'X';
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "an entry's header is damaged");
    two_entries(&z);
    z.directory.at[z.last_central] = 'X';
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "a directory entry is damaged");
}

static void entries_that_share_bytes(void **state)
{
    (void)state;
    /* the second entry lies within the data of the first */
    zip_builder inner = { .no_descriptor = true }, z = { .no_descriptor = true };
    zip_add(&inner, "m/b", "bb", 2);
    zip_add(&z, "m/a", inner.file.at, inner.file.size);
    size_t inside = z.file.size - inner.file.size;
    size_t at = z.directory.size;
    add(&z.directory, inner.directory.at, inner.directory.size);
    set_le(&z.directory, at + CENTRAL_LOCAL_OFFSET, inside, 4);
    z.count++;
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "two entries share bytes");
}

static void the_same_bytes_under_two_names(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    /* both central headers point to one local header, whose name cannot agree with both */
    set_le(&z.directory, z.last_central + CENTRAL_LOCAL_OFFSET, 0, 4);
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "disagree");
}

static void data_that_run_into_the_directory(void **state)
{
    (void)state;
    zip_builder z = { .no_descriptor = true };
    zip_add(&z, "m/a", "data", 4);
    set_le(&z.directory, z.last_central + CENTRAL_COMPRESSED, 30, 4);
    set_le(&z.directory, z.last_central + CENTRAL_UNCOMPRESSED, 30, 4);
    set_le(&z.file, z.last_local + LOCAL_COMPRESSED, 30, 4);
    set_le(&z.file, z.last_local + LOCAL_UNCOMPRESSED, 30, 4);
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "zip: an entry's data takes 30 bytes, but 4 are left");
}

static void a_header_in_the_directory(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    set_le(&z.directory, z.last_central + CENTRAL_LOCAL_OFFSET, z.file.size, 4);
    size_t end = zip_end(&z, true);
    assert_true(directory_offset(&z, end) > 0);
    refuses(&z, CD_ERR_FORMAT, "an entry's header does not lie before the directory");
}

static void an_extra_field_that_is_too_long(void **state)
{
    (void)state;
    zip_builder z = { .count = 0 };
    zip_add(&z, "m/a", "data", 4);
    set_le(&z.directory, z.last_central + CENTRAL_EXTRA_SIZE, 4, 2);
    add_le(&z.directory, 1, 2);
    add_le(&z.directory, 500, 2);
    (void)zip_end(&z, true);
    refuses(&z, CD_ERR_FORMAT, "an extra field is too long");
}

static void damaged_data(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, true);
    opened o;
    assert_true(open_zip(&o, &z));
    const cd_zip_entry *e = cd_zip_find(&o.zip, "m/data/0", 8);
    z.file.at[e->data_offset] ^= 1;
    assert_false(cd_zip_check_crc(&o.zip, e, z.file.at + e->data_offset));
    close_zip(&o);
    assert_failed_with(CD_ERR_FORMAT, "\"m/data/0\" is damaged: its CRC is");
}

static void read_any(const unsigned char *data, size_t size)
{
    opened o;
    (void)open_memory(&o, data, size);
    close_zip(&o);
}

static void truncations_and_mutants_do_no_harm(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, true);
    for (size_t i = 0; i < z.file.size; i++) {
        opened o;
        assert_false(open_memory(&o, z.file.at, i));
        close_zip(&o);
        cd_clear_error();
    }
    read_truncations(read_any, z.file.at, z.file.size);
    read_mutants(read_any, z.file.at, z.file.size);
}

static bool run(void *z)
{
    opened o;
    bool ok = open_zip(&o, z);
    cd_zip_release(&o.zip, &o.budget);
    return ok;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    zip_builder z;
    two_entries(&z);
    (void)zip_end(&z, true);
    assert_true(sweep_memory(run, &z) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(entries_are_found),
        TEST(the_first_of_the_directory_is_known),
        TEST(sizes_in_the_local_header_are_fine_too),
        TEST(an_entry_of_no_bytes_has_no_descriptor),
        TEST(a_descriptor_may_lack_its_signature),
        TEST(a_descriptor_may_have_wide_sizes),
        TEST(a_comment_may_follow),
        TEST(bytes_behind_the_archive_are_a_warning),
        TEST(a_comment_of_another_length_is_a_warning),
        TEST(an_end_record_in_the_comment_is_none),
        TEST(more_behind_the_archive_than_is_looked_at),
        TEST(bytes_in_front_of_the_archive),
        TEST(two_archives_one_behind_the_other),
        TEST(crcs_of_zero_throughout_are_noticed),
        TEST(saturated_fields_are_in_the_zip64_record),
        TEST(saturated_sizes_are_in_the_extra_field),
        TEST(no_end_record),
        TEST(end_records_that_disagree),
        TEST(a_zip64_record_that_disagrees_with_itself),
        TEST(a_locator_that_points_nowhere),
        TEST(several_disks),
        TEST(a_directory_outside_the_file),
        TEST(more_entries_than_there_is_room_for),
        TEST(fewer_entries_than_the_directory_has),
        TEST(an_archive_of_nothing),
        TEST(compressed_entries),
        TEST(encrypted_entries),
        TEST(names_that_leave_the_folder),
        TEST(a_name_with_a_nul),
        TEST(a_name_twice),
        TEST(names_that_differ_between_the_headers),
        TEST(values_that_differ_between_the_headers),
        TEST(sizes_that_differ_from_each_other),
        TEST(a_descriptor_that_differs),
        TEST(signatures_that_are_damaged),
        TEST(entries_that_share_bytes),
        TEST(the_same_bytes_under_two_names),
        TEST(data_that_run_into_the_directory),
        TEST(a_header_in_the_directory),
        TEST(an_extra_field_that_is_too_long),
        TEST(damaged_data),
        TEST(truncations_and_mutants_do_no_harm),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
