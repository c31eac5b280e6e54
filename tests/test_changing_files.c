/* Files that another process cuts short, writes over or replaces while they are read: the host
 * lives, nothing of two versions is mixed, and a file that is gone for others is still read whole.
 */
#include "pth_file.h"
#include "read_calls.h"

#include <sys/wait.h>

#include "io/idx_internal.h"
#include "io/image_internal.h"

/* --- the kinds of files ----------------------------------------------------------------------- */

enum { COUNT = 6 };

/* Each kind of file holds the numbers first, first + 1, ...: two files of a kind differ in their
 * numbers, and in CRCs of them, and in nothing else. */
static void make_safetensors(buffer *b, unsigned char first)
{
    static const char header[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                                 "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[3,6]}}";
    add_le(b, sizeof header - 1, 8);
    add_text(b, header);
    for (unsigned char i = 0; i < COUNT; i++) add_le(b, (uint64_t)first + i, 1);
}

#define BYTES_3(key_)                                                                              \
    TENSOR_OF("(U\7storagectorch\nByteStorage\nU\1" key_ "U\3cpuK\3tQ", "K\0", "K\3\x85", "K\1\x85")

static void make_pth(buffer *out, unsigned char first)
{
    file f;
    static const char pickle[] = "\x80\x02}(U\1a" BYTES_3("0") "U\1b" BYTES_3("1") "u.";
    start(&f, pickle, sizeof pickle - 1);
    const unsigned char a[] = { first, (unsigned char)(first + 1), (unsigned char)(first + 2) },
                        b[] = { (unsigned char)(first + 3), (unsigned char)(first + 4),
                                (unsigned char)(first + 5) };
    zip_add(&f.zip, "m/data/0", a, 3);
    zip_add(&f.zip, "m/data/1", b, 3);
    finish(&f);
    add(out, f.zip.file.at, f.zip.file.size);
}

static void make_idx(buffer *b, unsigned char first)
{
    ADD(b, "\0\0\x08\1\0\0\0\6");
    for (unsigned char i = 0; i < COUNT; i++) add_le(b, (uint64_t)first + i, 1);
}

static void make_gzip(buffer *b, unsigned char first)
{
    buffer plain = { .size = 0 };
    make_idx(&plain, first);
    z_stream z = { .next_in = plain.at, .avail_in = (uInt)plain.size };
    assert_int_equal(deflateInit2(&z, 0, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = b->at;
    z.avail_out = BUFFER_MAX;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    b->size = z.total_out;
    assert_int_equal(deflateEnd(&z), Z_OK);
}

/* A row of grey pixels in 8 bits. */
static void make_picture(buffer *b, unsigned char first)
{
    enum { HEAD = 14 + 40 + 256 * 4, ROW = (COUNT + 3) / 4 * 4 };
    add_text(b, "BM");
    const uint32_t fields[] = { HEAD + ROW, 0, HEAD, 40, COUNT, 1, 1 | 8 << 16, 0, 0, 0, 0, 0, 0 };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) add_le(b, fields[i], 4);
    for (uint32_t i = 0; i < 256; i++) add_le(b, i * 0x10101, 4);
    for (unsigned char i = 0; i < ROW; i++) add_le(b, (uint64_t)first + i, 1);
}

static bool read_picture(const char *path, unsigned char out[COUNT])
{
    cd_pixels pixels = { .data = NULL };
    bool right = cd_image_read(path, &pixels) && pixels.width == COUNT;
    for (int i = 0; right && i < COUNT; i++) out[i] = pixels.data[3 * i];
    cd_pixels_free(&pixels);
    return right;
}

static bool read_archive(const char *path, unsigned char out[COUNT])
{
    cd_archive *a = cd_archive_open(path);
    bool right = a && a->count == 2 && cd_archive_read(a, &a->entries[0], CD_U8, out) &&
                 cd_archive_read(a, &a->entries[1], CD_U8, out + 3);
    cd_archive_close(a);
    return right;
}

static bool read_idx(const char *path, unsigned char out[COUNT])
{
    cd_idx idx;
    bool right = cd_idx_open(&idx, path) && idx.bytes == COUNT;
    if (right) memcpy(out, idx.data, COUNT);
    cd_idx_free(&idx);
    return right;
}

static const struct kind {
    const char *name;
    void (*make)(buffer *b, unsigned char first);
    bool (*read)(const char *path, unsigned char out[COUNT]);
} kinds[] = { { "safetensors", make_safetensors, read_archive },
              { "pth", make_pth, read_archive },
              { "idx", make_idx, read_idx },
              { "gzip", make_gzip, read_idx },
              { "picture", make_picture, read_picture } };
enum { KINDS = sizeof kinds / sizeof *kinds, OLD = 10, NEW = 50 };

/* --- what happens to them --------------------------------------------------------------------- */

static char path[512];
static buffer old_file, new_file;
static size_t cut_to;

static void cut_short(void)
{
    assert_int_equal(truncate(path, (off_t)cut_to), 0);
}

static void write_new_over_old(void)
{
    overwrite(path, 0, new_file.at, new_file.size);
}

static void append(void)
{
    overwrite(path, (long)old_file.size, "more", 4);
}

static void put_new_in_its_place(void)
{
    char other[512];
    snprintf(other, sizeof other, "%s", test_write("other", new_file.at, new_file.size));
    assert_int_equal(rename(other, path), 0);
}

static void remove_it(void)
{
    assert_int_equal(unlink(path), 0);
}

static void make_files(const struct kind *kind)
{
    old_file.size = new_file.size = 0;
    kind->make(&old_file, OLD);
    kind->make(&new_file, NEW);
    assert_int_equal(old_file.size, new_file.size);
}

/* Reads the old file while `event` happens just before read number `k`. */
static bool read_while(const struct kind *kind, void (*event)(void), int k, unsigned char *out)
{
    snprintf(path, sizeof path, "%s", test_write("f", old_file.at, old_file.size));
    make_old(path);
    int64_t blocks = cd_memory_stats().blocks_in_use;
    use_faulty_calls();
    change = event;
    changing_read = k;
    bool right = kind->read(path, out);
    use_system_calls();
    assert_int_equal(cd_memory_stats().blocks_in_use, blocks);
    return right;
}

static bool holds(const unsigned char *out, unsigned char first)
{
    for (int i = 0; i < COUNT; i++) {
        if (out[i] != first + i) return false;
    }
    return true;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_file_cut_short_under_its_reader_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        make_files(&kinds[i]);
        for (cut_to = 0; cut_to < old_file.size; cut_to += 1 + old_file.size / 50) {
            unsigned char out[COUNT];
            bool right = false;
            for (int k = 0; !right; k++) {
                right = read_while(&kinds[i], cut_short, k, out);
                if (right) assert_true(k == reads_made && k > 0); /* it was all read before */
                if (!right) assert_failed_with(CD_ERR_IO, "it ");
            }
        }
    }
}

static void a_file_written_over_under_its_reader_is_an_error(void **state)
{
    (void)state;
    static void (*const events[])(void) = { write_new_over_old, append };
    for (size_t i = 0; i < KINDS; i++) {
        for (size_t e = 0; e < 2; e++) {
            make_files(&kinds[i]);
            unsigned char out[COUNT];
            int k = 0;
            while (!read_while(&kinds[i], events[e], k, out)) {
                /* a zip's CRCs may see it first */
                if (cd_error_code() != CD_ERR_FORMAT) {
                    assert_failed_with(CD_ERR_IO, "the file was changed after it had been opened");
                }
                cd_clear_error();
                k++;
            }
            assert_true(k == reads_made && k > 0 && holds(out, OLD));
        }
    }
}

static void a_file_that_is_replaced_or_removed_is_read_whole(void **state)
{
    (void)state;
    static void (*const events[])(void) = { put_new_in_its_place, remove_it };
    for (size_t i = 0; i < KINDS; i++) {
        for (size_t e = 0; e < 2; e++) {
            make_files(&kinds[i]);
            for (int k = 0, reads = 1; k < reads; k++, reads = reads_made) {
                unsigned char out[COUNT];
                assert_true(read_while(&kinds[i], events[e], k, out));
                assert_true(holds(out, OLD));
            }
        }
    }
}

static bool read_kind(void *user)
{
    const struct kind *kind = user;
    unsigned char out[COUNT];
    return kind->read(path, out) && holds(out, OLD);
}

static void every_call_of_every_reader_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        make_files(&kinds[i]);
        snprintf(path, sizeof path, "%s", test_write("f", old_file.at, old_file.size));
        assert_true(sweep_calls(read_kind, (void *)(uintptr_t)&kinds[i]) >= 4);
    }
}

static void short_and_interrupted_reads_give_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        make_files(&kinds[i]);
        snprintf(path, sizeof path, "%s", test_write("f", old_file.at, old_file.size));
        use_faulty_calls();
        read_max = 1;
        interrupts = 5;
        assert_true(read_kind((void *)(uintptr_t)&kinds[i]));
        use_system_calls();
    }
}

/* A pipe cannot be read twice, so what it gives is kept. */
static void a_pipe_is_as_good_as_a_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        make_files(&kinds[i]);
        snprintf(path, sizeof path, "%s/pipe%zu", test_folder(), i);
        assert_int_equal(mkfifo(path, 0600), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            int fd = open(path, O_WRONLY);
            _exit(write(fd, old_file.at, old_file.size) != (ssize_t)old_file.size);
        }
        assert_true(read_kind((void *)(uintptr_t)&kinds[i]));
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

static void nothing_and_folders_are_errors(void **state)
{
    (void)state;
    unsigned char out[COUNT];
    for (size_t i = 0; i < KINDS; i++) {
        assert_false(kinds[i].read(test_write("empty", "", 0), out));
        assert_failed_with(CD_ERR_FORMAT, "the file is empty");
        assert_false(kinds[i].read(test_folder(), out));
        assert_failed_with(CD_ERR_IO, "Is a directory");
        assert_false(kinds[i].read("/dev/null", out));
        assert_failed_with(CD_ERR_FORMAT, "the file is empty");
    }
}

/* Cuts the file short and writes it anew, as long as the parent lives. */
static void rewrite_for_ever(const struct kind *kind)
{
    pid_t parent = getppid();
    for (unsigned n = 0; getppid() == parent; n++) {
        buffer b = { .size = 0 };
        kind->make(&b, n % 2 ? NEW : OLD);
        int fd = open(path, O_WRONLY | O_TRUNC);
        if (fd < 0 || write(fd, b.at, b.size) < 0) _exit(1);
        (void)close(fd);
    }
    _exit(0);
}

/* With a mapping, this process dies of SIGBUS within a few rounds. */
static void the_host_outlives_a_writer_without_manners(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        make_files(&kinds[i]);
        snprintf(path, sizeof path, "%s", test_write("f", old_file.at, old_file.size));
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) rewrite_for_ever(&kinds[i]);
        for (int n = 0; n < 300; n++) {
            unsigned char out[COUNT];
            if (kinds[i].read(path, out)) continue;
            assert_true(cd_error_code() == CD_ERR_IO || cd_error_code() == CD_ERR_FORMAT);
            cd_clear_error();
        }
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
}

/* An archive stays open between its reads; what changes then is found by the next read. */
static void a_change_between_two_tensors_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        make_files(&kinds[i]);
        snprintf(path, sizeof path, "%s", test_write("f", old_file.at, old_file.size));
        make_old(path);
        cd_archive *a = cd_archive_open(path);
        unsigned char out[3];
        assert_non_null(a);
        assert_true(cd_archive_read(a, &a->entries[0], CD_U8, out));
        assert_int_equal(out[2], OLD + 2);
        write_new_over_old();
        assert_false(cd_archive_read(a, &a->entries[1], CD_U8, out));
        assert_true(cd_error_code() == (i == 0 ? CD_ERR_IO : CD_ERR_FORMAT)); /* pth: its CRC */
        cd_clear_error();
        cd_archive_close(a);
    }
}

/* Names and shapes are of one version too, for those who read no tensor. */
static void a_change_while_it_is_opened_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        make_files(&kinds[i]);
        int k = 0;
        for (bool opened = false; !opened; k++) {
            snprintf(path, sizeof path, "%s", test_write("f", old_file.at, old_file.size));
            make_old(path);
            use_faulty_calls();
            change = append;
            changing_read = k;
            cd_archive *a = cd_archive_open(path);
            opened = a != NULL;
            if (!opened) assert_failed_with(CD_ERR_IO, "the file was changed after");
            cd_archive_close(a);
            use_system_calls();
        }
        assert_true(k - 1 == reads_made && k > 1);
    }
}

static void a_picture_cut_short_is_an_error(void **state)
{
    (void)state;
    cd_bytes bytes;
    cd_pixels pixels = { .data = NULL };
    assert_true(cd_bytes_open(&bytes, test_path("golden/images/png_rgb_8.png"), SIZE_MAX));
    /* The last 24 hold the end chunk, and a CRC, the Adler-32 and an end of deflate before it. */
    for (size_t size = 0; size < bytes.size - 24; size += 7) {
        assert_false(cd_image_read(test_write("cut.png", bytes.data, size), &pixels));
        assert_false(cd_ok());
        cd_clear_error();
    }
    cd_bytes_close(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_cut_short_under_its_reader_is_an_error),
        TEST(a_file_written_over_under_its_reader_is_an_error),
        TEST(a_file_that_is_replaced_or_removed_is_read_whole),
        TEST(every_call_of_every_reader_may_fail),
        TEST(short_and_interrupted_reads_give_the_same),
        TEST(a_pipe_is_as_good_as_a_file),
        TEST(nothing_and_folders_are_errors),
        TEST(the_host_outlives_a_writer_without_manners),
        TEST(a_change_between_two_tensors_is_found),
        TEST(a_change_while_it_is_opened_is_found),
        TEST(a_picture_cut_short_is_an_error),
    };
    return RUN(tests);
}
