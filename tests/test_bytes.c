/* Bytes and cursors: reading whole files, labels in messages, numbers of both byte orders, and a
 * cursor that cannot leave its bytes. */
#include "hostile.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "io/bytes_internal.h"

static void a_small_file_is_read(void **state)
{
    (void)state;
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, test_write("small", "hello", 5), SIZE_MAX));
    assert_int_equal(bytes.size, 5);
    assert_memory_equal(bytes.data, "hello", 5);
    cd_bytes_close(&bytes);
    cd_bytes_close(&bytes);
    assert_int_equal(bytes.size, 0);
}

static void a_large_file_is_read_whole(void **state)
{
    (void)state;
    size_t size = 1 << 20;
    char *content = calloc(1, size);
    content[size - 1] = 'z';
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, test_write("large", content, size), SIZE_MAX));
    assert_int_equal(bytes.size, size);
    assert_int_equal(bytes.data[size - 1], 'z');
    cd_bytes_close(&bytes);
    free(content);
}

static void what_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    cd_bytes bytes;
    assert_false(cd_bytes_open(&bytes, "/nowhere/at/all", SIZE_MAX));
    assert_failed_with(CD_ERR_IO, "/nowhere/at/all: cannot open it: No such file or directory");
    assert_false(cd_bytes_open(&bytes, test_folder(), SIZE_MAX));
    assert_failed_with(CD_ERR_IO, "Is a directory");
    assert_false(cd_bytes_open(&bytes, test_write("empty", "", 0), SIZE_MAX));
    assert_failed_with(CD_ERR_FORMAT, "the file is empty");
    assert_false(cd_bytes_open(&bytes, "/dev/null", SIZE_MAX));
    assert_failed_with(CD_ERR_FORMAT, "the file is empty");
    assert_false(cd_bytes_open(&bytes, NULL, SIZE_MAX));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    cd_bytes_close(&bytes);
}

static void a_forbidden_file_is_an_error(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("SKIPPED: root may read everything\n");
        skip();
    }
    const char *path = test_write("secret", "x", 1);
    assert_int_equal(chmod(path, 0), 0);
    cd_bytes bytes;
    assert_false(cd_bytes_open(&bytes, path, SIZE_MAX));
    assert_failed_with(CD_ERR_IO, "Permission denied");
}

static char fifo[512];

static void *feed(void *unused)
{
    (void)unused;
    int fd = open(fifo, O_WRONLY);
    char piece[1000];
    memset(piece, 'p', sizeof piece);
    for (int i = 0; i < 200; i++) {
        if (write(fd, piece, sizeof piece) != sizeof piece) return NULL;
    }
    (void)close(fd);
    return NULL;
}

static void a_pipe_is_read_whole(void **state)
{
    (void)state;
    snprintf(fifo, sizeof fifo, "%s/pipe", test_folder());
    assert_int_equal(mkfifo(fifo, 0600), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, feed, NULL), 0);
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, fifo, SIZE_MAX));
    assert_int_equal(bytes.size, 200000);
    assert_int_equal(bytes.data[199999], 'p');
    cd_bytes_close(&bytes);
    pthread_join(thread, NULL);
}

static void a_file_may_be_too_large(void **state)
{
    (void)state;
    cd_bytes bytes;
    const char *path = test_write("five", "hello", 5);
    assert_true(cd_bytes_open(&bytes, path, 5));
    cd_bytes_close(&bytes);
    assert_false(cd_bytes_open(&bytes, path, 4));
    assert_failed_with(CD_ERR_UNSUPPORTED, "five: it has 5 bytes; up to 4 are read");
}

static void an_endless_device_is_refused(void **state)
{
    (void)state;
    cd_memory_limit(cd_memory_stats().bytes_in_use + (8 << 20));
    cd_bytes bytes;
    assert_false(cd_bytes_open(&bytes, "/dev/zero", SIZE_MAX));
    assert_failed_with(CD_ERR_MEMORY, "out of memory");
    cd_memory_limit(0);
}

/* The label has room for 191 bytes. */
static void a_path_that_fits_is_whole_in_messages(void **state)
{
    (void)state;
    char path[CD_BYTES_LABEL + 1] = "", shown[CD_BYTES_LABEL + 1] = "...";
    cd_bytes bytes;
    for (int i = 0; i < CD_BYTES_LABEL; i++) path[i] = (char)('a' + i % 26);
    cd_bytes_borrow(&bytes, path, "x", 1);
    (void)snprintf(shown + 3, sizeof shown - 3, "%s", path + 4);
    assert_string_equal(bytes.label, shown);
    path[CD_BYTES_LABEL - 1] = '\0';
    cd_bytes_borrow(&bytes, path, "x", 1);
    assert_string_equal(bytes.label, path);
}

static void a_long_path_keeps_its_end_in_messages(void **state)
{
    (void)state;
    char path[600];
    memset(path, 'a', sizeof path);
    memcpy(path + 500, "/the-end.bin", 13);
    cd_bytes bytes;
    cd_bytes_borrow(&bytes, path, "x", 1);
    assert_int_equal(strlen(bytes.label), CD_BYTES_LABEL - 1);
    assert_memory_equal(bytes.label, "...a", 4);
    assert_non_null(strstr(bytes.label, "/the-end.bin"));
}

static void numbers_come_in_both_orders(void **state)
{
    (void)state;
    static const unsigned char data[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    cd_bytes bytes;
    cd_bytes_borrow(&bytes, "m", data, sizeof data);
    cd_cursor c = cd_cursor_over(&bytes);
    assert_true(cd_cursor_u64le(&c) == 0x0807060504030201);
    c.at = 0;
    assert_true(cd_cursor_u64be(&c) == 0x0102030405060708);
    c.at = 0;
    assert_int_equal(cd_cursor_u32le(&c), 0x04030201);
    assert_int_equal(cd_cursor_u32be(&c), 0x05060708);
    c.at = 0;
    assert_int_equal(cd_cursor_u16le(&c), 0x0201);
    assert_int_equal(cd_cursor_u16be(&c), 0x0304);
    assert_int_equal(cd_cursor_u8(&c), 5);
    assert_int_equal(cd_cursor_left(&c), 3);
}

static void the_cursor_cannot_leave(void **state)
{
    (void)state;
    cd_bytes bytes;
    cd_bytes_borrow(&bytes, "file.bin", "abc", 3);
    cd_cursor c = cd_cursor_over(&bytes);
    assert_int_equal(cd_cursor_u32le(&c), 0);
    assert_int_equal(c.at, 0);
    assert_false(cd_cursor_need(&c, 4, "a number"));
    assert_failed_with(CD_ERR_FORMAT, "file.bin: byte 0: a number takes 4 bytes, but 3 are left");
    assert_false(cd_cursor_skip(&c, UINT64_MAX, "a list"));
    assert_failed_with(CD_ERR_FORMAT, "a list takes 18446744073709551615 bytes");
    assert_true(cd_cursor_skip(&c, 3, "all"));
    assert_false(cd_cursor_need(&c, 1, "more"));
    assert_failed_with(CD_ERR_FORMAT, "byte 3");
}

static void utf8_is_checked(void **state)
{
    (void)state;
    static const char *const valid[] = { "",
                                         "abc",
                                         "\xC3\xA9",
                                         "\xE2\x82\xAC",
                                         "\xF0\x9F\x98\x80",
                                         "\xED\x9F\xBF",
                                         "\xF4\x8F\xBF\xBF" };
    static const char *const invalid[] = { "\x80",
                                           "\xC0\xAF",
                                           "\xC1\x81",
                                           "\xE0\x9F\xBF",
                                           "\xED\xA0\x80",
                                           "\xF4\x90\x80\x80",
                                           "\xF5\x80\x80\x80",
                                           "\xE2\x82",
                                           "\xC3",
                                           "\xFF",
                                           "\xE2\x28\xA1",
                                           "\xF0\x80\x80\x80" };
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        assert_that(cd_utf8_valid(valid[i], strlen(valid[i])), "valid[%zu]", i);
    }
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        assert_that(!cd_utf8_valid(invalid[i], strlen(invalid[i])), "invalid[%zu]", i);
    }
}

static void text_of_files_is_made_printable(void **state)
{
    (void)state;
    char out[8];
    assert_string_equal(cd_printable(out, sizeof out, "a\nb\r", 4), "a\\nb\\r");
    assert_string_equal(cd_printable(out, sizeof out, "猫\x1b", 4), "猫\\x1b");
    assert_string_equal(cd_printable(out, sizeof out, "abcdefghij", 10), "abcd...");
    assert_string_equal(cd_printable(out, sizeof out, "", 0), "");
}

static bool open_small(void *path)
{
    cd_bytes bytes;
    bool ok = cd_bytes_open(&bytes, path, SIZE_MAX);
    cd_bytes_close(&bytes);
    return ok;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", test_write("small", "hello", 5));
    assert_true(sweep_memory(open_small, path) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_small_file_is_read),
        TEST(a_large_file_is_read_whole),
        TEST(what_cannot_be_read_is_an_error),
        TEST(a_forbidden_file_is_an_error),
        TEST(a_pipe_is_read_whole),
        TEST(a_file_may_be_too_large),
        TEST(an_endless_device_is_refused),
        TEST(a_path_that_fits_is_whole_in_messages),
        TEST(a_long_path_keeps_its_end_in_messages),
        TEST(numbers_come_in_both_orders),
        TEST(the_cursor_cannot_leave),
        TEST(utf8_is_checked),
        TEST(text_of_files_is_made_printable),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
