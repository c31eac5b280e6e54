/* Reading a file by offset: regular files, pipes and memory, calls that fail, and files that change
 * while they are open. */
#include "read_calls.h"

#include <pthread.h>

static char path[512];

/* A file of these bytes, last changed an hour ago, whose name is in `path`. */
static void write_file(const void *bytes, size_t size)
{
    snprintf(path, sizeof path, "%s", test_write("f", bytes, size));
    make_old(path);
}

/* --- what is read ----------------------------------------------------------------------------- */

static void bytes_are_read_by_their_offset(void **state)
{
    (void)state;
    cd_source source;
    write_file("abcdefgh", 8);
    for (int memory = 0; memory < 2; memory++) {
        if (memory) {
            cd_source_borrow(&source, "m", "abcdefgh", 8);
        } else {
            assert_true(cd_source_open(&source, path));
        }
        char bytes[9] = "........";
        assert_int_equal(source.size, 8);
        assert_true(cd_source_read(&source, 2, bytes, 3));
        assert_string_equal(bytes, "cde.....");
        assert_true(cd_source_read(&source, 0, bytes, 8));
        assert_string_equal(bytes, "abcdefgh");
        assert_true(cd_source_read(&source, 8, bytes, 0));
        assert_true(cd_source_unchanged(&source));
        cd_source_close(&source);
        cd_source_close(&source);
        assert_int_equal(source.size, 0);
    }
}

static void what_lies_outside_is_an_error(void **state)
{
    (void)state;
    static const struct {
        uint64_t at;
        size_t size;
    } cases[] = { { 9, 0 }, { 8, 1 }, { 0, 9 }, { UINT64_MAX, 1 }, { 1, SIZE_MAX }, { 4, 5 } };
    write_file("abcdefgh", 8);
    cd_source file, memory;
    assert_true(cd_source_open(&file, path));
    cd_source_borrow(&memory, "m", "abcdefgh", 8);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[16];
        assert_false(cd_source_read(&file, cases[i].at, bytes, cases[i].size));
        assert_failed_with(CD_ERR_FORMAT, "but the file has 8 in all");
        assert_false(cd_source_read(&memory, cases[i].at, bytes, cases[i].size));
        assert_failed_with(CD_ERR_FORMAT, "but the file has 8 in all");
    }
    cd_source_close(&file);
}

static void a_zeroed_source_closes_no_descriptor(void **state)
{
    (void)state;
    cd_source source = { .size = 0 };
    use_faulty_calls();
    cd_source_close(&source);
    use_system_calls(); /* fails if a descriptor too many was closed */
}

static void files_without_a_size_are_read_whole(void **state)
{
    (void)state;
    cd_source source;
    assert_true(cd_source_open(&source, "/proc/self/status"));
    assert_non_null(source.memory);
    assert_false(source.is_file);
    char name[5];
    assert_true(cd_source_read(&source, 0, name, 5));
    assert_memory_equal(name, "Name:", 5);
    assert_true(cd_source_unchanged(&source));
    cd_source_close(&source);
}

static void *feed(void *unused)
{
    (void)unused;
    int fd = open(path, O_WRONLY);
    char piece[1000];
    memset(piece, 'p', sizeof piece);
    for (int i = 0; i < 200; i++) {
        if (write(fd, piece, sizeof piece) != sizeof piece) return NULL;
    }
    (void)close(fd);
    return NULL;
}

static void a_pipe_is_read_to_its_end(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/pipe", test_folder());
    assert_int_equal(mkfifo(path, 0600), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, feed, NULL), 0);
    cd_source source;
    use_faulty_calls();
    read_max = 777;
    interrupts = 3;
    assert_true(cd_source_open(&source, path));
    use_system_calls(); /* fails if the pipe were still open */
    assert_int_equal(source.size, 200000);
    assert_int_equal(source.memory[199999], 'p');
    cd_source_close(&source);
    pthread_join(thread, NULL);
}

static off_t claimed_size;

static int claim_size(int fd, struct stat *info)
{
    if (fstat(fd, info) != 0) return -1;
    info->st_size = claimed_size;
    return 0;
}

static void sizes_that_files_do_not_have(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    cd_read_calls calls = cd_read_calls_system;
    calls.fstat = claim_size;
    cd_source source;
    cd_read_calls_used = &calls;
    claimed_size = INT64_MAX; /* the largest off_t, and half of the largest size_t */
    assert_true(cd_source_open(&source, path));
    assert_true(source.size == INT64_MAX);
    cd_source_close(&source);
    claimed_size = -1;
    assert_true(cd_source_open(&source, path)); /* without a size the file is read whole */
    assert_int_equal(source.size, 8);
    cd_source_close(&source);
    cd_read_calls_used = &cd_read_calls_system;
}

static int interrupted_reads;

static ssize_t read_interrupted(int fd, void *to, size_t size)
{
    if (interrupted_reads-- > 0) {
        errno = EINTR;
        return -1;
    }
    return read(fd, to, size);
}

static void an_interrupted_read_of_a_stream_goes_on(void **state)
{
    (void)state;
    cd_read_calls calls = cd_read_calls_system;
    calls.read = read_interrupted;
    interrupted_reads = 3;
    cd_source source;
    cd_read_calls_used = &calls;
    bool opened = cd_source_open(&source, "/proc/self/status");
    cd_read_calls_used = &cd_read_calls_system;
    assert_true(opened);
    assert_memory_equal(source.memory, "Name:", 5);
    assert_true(interrupted_reads <= 0);
    cd_source_close(&source);
}

static void an_empty_stream_is_an_empty_file(void **state)
{
    (void)state;
    cd_source source;
    assert_false(cd_source_open(&source, "/dev/null"));
    assert_failed_with(CD_ERR_FORMAT, "/dev/null: the file is empty");
    assert_int_equal(source.size, 0);
    assert_null(source.memory);
}

static void no_bytes_may_be_borrowed_from_NULL(void **state)
{
    (void)state;
    cd_source source;
    char bytes[] = "..";
    cd_source_borrow(&source, "m", NULL, 0);
    assert_true(cd_source_read(&source, 0, bytes, 0));
    assert_string_equal(bytes, "..");
    assert_false(cd_source_read(&source, 0, bytes, 1));
    assert_failed_with(CD_ERR_FORMAT, "1 bytes are wanted from here, but the file has 0 in all");
    cd_source_close(&source);
}

static void offsets_beyond_two_gigabytes(void **state)
{
    (void)state;
    static const off_t far = ((off_t)3 << 30) + 5;
    write_file("begin", 5);
    if (truncate(path, far + 3) != 0) {
        print_message("SKIPPED: no sparse file of 3 GB can be made\n");
        skip();
    }
    overwrite(path, far, "end", 3);
    cd_source source;
    assert_true(cd_source_open(&source, path));
    char bytes[4] = "";
    assert_true(source.size == (uint64_t)far + 3);
    assert_true(cd_source_read(&source, (uint64_t)far, bytes, 3));
    assert_string_equal(bytes, "end");
    assert_true(cd_source_read(&source, (uint64_t)far - 2, bytes, 3));
    assert_memory_equal(bytes, "\0\0e", 3);
    cd_source_close(&source);
    assert_int_equal(truncate(path, 0), 0);
}

/* --- pieces ----------------------------------------------------------------------------------- */

static void pieces_are_charged_to_their_budget(void **state)
{
    (void)state;
    char content[100];
    memset(content, 'c', sizeof content);
    write_file(content, sizeof content);
    cd_source source;
    cd_bytes piece;
    cd_budget budget = { .limit = 50, .label = "f" };
    assert_true(cd_source_open(&source, path));
    assert_true(cd_source_piece(&source, 60, 40, &budget, &piece));
    assert_int_equal(budget.used, 40);
    assert_int_equal(piece.size, 40);
    assert_int_equal(piece.data[39], 'c');
    assert_false(cd_bytes_fail(&piece, CD_ERR_FORMAT, 7, "here"));
    assert_failed_with(CD_ERR_FORMAT,
                       "byte 67: here"); /* offsets in errors count from the start of the file */
    cd_bytes_release(&piece, &budget);
    assert_int_equal(budget.used, 0);
    assert_false(cd_source_piece(&source, 0, 51, &budget, &piece));
    assert_failed_with(CD_ERR_MEMORY, "more than the 50 bytes allowed");
    assert_false(cd_source_piece(&source, 61, 40, &budget, &piece));
    assert_failed_with(CD_ERR_FORMAT, "but the file has 100");
    assert_true(cd_source_piece(&source, 100, 0, &budget, &piece));
    assert_int_equal(piece.size, 0);
    cd_bytes_release(&piece, &budget);
    assert_int_equal(budget.used, 0);
    cd_source_close(&source);
}

static void pieces_of_memory_are_borrowed(void **state)
{
    (void)state;
    static const char content[] = "abcdef";
    cd_source source;
    cd_bytes piece;
    cd_budget budget = { .limit = 0, .label = "m" };
    cd_source_borrow(&source, "m", content, 6);
    assert_true(cd_source_piece(&source, 2, 4, &budget, &piece));
    assert_ptr_equal(piece.data, content + 2);
    cd_bytes_release(&piece, &budget);
}

/* --- calls that fail -------------------------------------------------------------------------- */

static bool read_some(void *user)
{
    (void)user;
    cd_source source;
    char bytes[8];
    bool ok = cd_source_open(&source, path) && cd_source_read(&source, 1, bytes, 4) &&
              cd_source_read(&source, 4, bytes, 4) && cd_source_unchanged(&source);
    cd_source_close(&source);
    return ok;
}

static bool read_whole(void *user)
{
    const char *name = user;
    cd_bytes bytes;
    bool ok = cd_bytes_open(&bytes, name, SIZE_MAX);
    cd_bytes_close(&bytes);
    return ok;
}

static void every_call_may_fail(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    assert_int_equal(sweep_calls(read_some, NULL), 5); /* open, fstat, pread, pread, fstat */
    assert_int_equal(sweep_calls(read_whole, path), 4);
    assert_true(sweep_calls(read_whole, "/proc/self/status") >= 4); /* open, fstat, read, read */
}

static void short_reads_and_interrupts_go_on(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    cd_source source;
    char bytes[9] = "";
    use_faulty_calls();
    interrupts = 2;
    assert_true(cd_source_open(&source, path));
    assert_int_equal(interrupts, 0);
    interrupts = 3;
    read_max = 3;
    assert_true(cd_source_read(&source, 1, bytes, 7));
    assert_string_equal(bytes, "bcdefgh");
    assert_int_equal(reads_made, 3);
    assert_int_equal(interrupts, 0);
    cd_source_close(&source);
    use_system_calls();
}

static bool open_and_take(void *user)
{
    (void)user;
    cd_source source;
    cd_bytes piece;
    cd_budget budget = { .limit = 100, .label = "f" };
    if (!cd_source_open(&source, path)) return false;
    bool ok = cd_source_piece(&source, 0, 8, &budget, &piece);
    cd_bytes_release(&piece, &budget);
    cd_source_close(&source);
    return ok;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    assert_true(sweep_memory(open_and_take, NULL) >= 1);
    assert_true(sweep_memory(read_whole, path) >= 1);
    assert_true(sweep_memory(read_whole, "/proc/self/status") >= 1);
}

/* --- files that change ------------------------------------------------------------------------ */

static void a_file_that_became_shorter(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    cd_source source;
    char bytes[8];
    assert_true(cd_source_open(&source, path));
    assert_int_equal(truncate(path, 5), 0);
    assert_true(cd_source_read(&source, 0, bytes, 5));
    assert_false(cd_source_read(&source, 2, bytes, 6));
    assert_failed_with(CD_ERR_IO, "/f: it became shorter while it was read: it ends at or before "
                                  "byte 5 and had 8 bytes");
    assert_false(cd_source_unchanged(&source));
    assert_failed_with(CD_ERR_IO,
                       "the file was changed after it had been opened (8 bytes then, 5 now)");
    cd_source_close(&source);
}

static void a_file_that_was_written_over(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    cd_source source;
    assert_true(cd_source_open(&source, path));
    assert_true(cd_source_unchanged(&source));
    overwrite(path, 3, "XYZ", 3);
    assert_false(cd_source_unchanged(&source));
    assert_failed_with(CD_ERR_IO,
                       "the file was changed after it had been opened (8 bytes then, 8 now)");
    cd_source_close(&source);
}

/* The change comes within the same second and keeps the size. */
static void a_file_that_was_written_over_at_once(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    struct timespec times[2] = { { .tv_sec = 1000, .tv_nsec = 5 },
                                 { .tv_sec = 1000, .tv_nsec = 5 } };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    if (info.st_mtim.tv_nsec != 5) {
        print_message("SKIPPED: the file system keeps no nanoseconds\n");
        skip();
    }
    cd_source source;
    assert_true(cd_source_open(&source, path));
    assert_true(cd_source_unchanged(&source));
    overwrite(path, 3, "XYZ", 3);
    times[1].tv_nsec = 6;
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_false(cd_source_unchanged(&source));
    assert_failed_with(CD_ERR_IO, "the file was changed after it had been opened");
    cd_source_close(&source);
}

static void a_file_that_has_grown(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    cd_source source;
    char bytes[8];
    assert_true(cd_source_open(&source, path));
    overwrite(path, 8, "ijk", 3);
    assert_true(cd_source_read(&source, 0, bytes, 8));
    assert_memory_equal(bytes, "abcdefgh", 8);
    assert_false(cd_source_unchanged(&source));
    assert_failed_with(CD_ERR_IO, "(8 bytes then, 11 now)");
    cd_source_close(&source);
}

static void a_file_in_whose_place_another_was_put(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    cd_source source;
    char bytes[9] = "", other[512];
    assert_true(cd_source_open(&source, path));
    snprintf(other, sizeof other, "%s", test_write("g", "1234", 4));
    assert_int_equal(rename(other, path), 0);
    assert_true(cd_source_read(&source, 0, bytes, 8));
    assert_string_equal(bytes, "abcdefgh");
    assert_true(cd_source_unchanged(&source));
    cd_source_close(&source);
}

static void cut_short(void)
{
    assert_int_equal(truncate(path, 3), 0);
}

static void a_file_that_shrinks_is_not_half_read(void **state)
{
    (void)state;
    write_file("abcdefgh", 8);
    use_faulty_calls();
    change = cut_short;
    changing_read = 0;
    assert_false(read_whole(path));
    use_system_calls();
    assert_failed_with(CD_ERR_IO, "it became shorter while it was read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_are_read_by_their_offset),
        TEST(what_lies_outside_is_an_error),
        TEST(a_zeroed_source_closes_no_descriptor),
        TEST(files_without_a_size_are_read_whole),
        TEST(a_pipe_is_read_to_its_end),
        TEST(sizes_that_files_do_not_have),
        TEST(an_interrupted_read_of_a_stream_goes_on),
        TEST(an_empty_stream_is_an_empty_file),
        TEST(no_bytes_may_be_borrowed_from_NULL),
        TEST(offsets_beyond_two_gigabytes),
        TEST(pieces_are_charged_to_their_budget),
        TEST(pieces_of_memory_are_borrowed),
        TEST(every_call_may_fail),
        TEST(short_reads_and_interrupts_go_on),
        TEST(no_memory_is_an_error),
        TEST(a_file_that_became_shorter),
        TEST(a_file_that_was_written_over),
        TEST(a_file_that_was_written_over_at_once),
        TEST(a_file_that_has_grown),
        TEST(a_file_in_whose_place_another_was_put),
        TEST(a_file_that_shrinks_is_not_half_read),
    };
    return RUN(tests);
}
