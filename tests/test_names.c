/* Files of class names (--classes), as the editors of different systems write them. */
#include "test.h"

#include "apps/names.h"

static void write_text(const char *bytes, size_t size)
{
    (void)test_write("names.txt", bytes, size);
}

static const char *path(void)
{
    static char text[512];
    (void)snprintf(text, sizeof text, "%s/names.txt", test_folder());
    return text;
}

#define assert_names(bytes_, ...)                                                                  \
    do {                                                                                           \
        static const char *const expected_[] = { __VA_ARGS__, NULL };                              \
        names n_;                                                                                  \
        write_text(bytes_, sizeof(bytes_) - 1);                                                    \
        assert_that(names_read(&n_, path()), "%s", cd_error_message());                            \
        int64_t k_ = 0;                                                                            \
        for (; expected_[k_]; k_++) {                                                              \
            assert_true(k_ < n_.count);                                                            \
            assert_string_equal(n_.name[k_], expected_[k_]);                                       \
        }                                                                                          \
        assert_int_equal(n_.count, k_);                                                            \
        names_free(&n_);                                                                           \
    } while (0)

#define assert_refused(bytes_, sentence_)                                                          \
    do {                                                                                           \
        names n_;                                                                                  \
        write_text(bytes_, sizeof(bytes_) - 1);                                                    \
        assert_false(names_read(&n_, path()));                                                     \
        assert_null(n_.text);                                                                      \
        assert_failed_with(CD_ERR_FORMAT, sentence_);                                              \
    } while (0)

static void lines_end_as_on_any_system(void **state)
{
    (void)state;
    assert_names("ant\nbee\n", "ant", "bee");
    assert_names("ant\nbee", "ant", "bee");
    assert_names("ant\r\nbee\r\n\r\n", "ant", "bee");
    assert_names("ant\rbee\r", "ant", "bee");
    assert_names("ant\r\nbee\rcat\neel", "ant", "bee", "cat", "eel");
}

static void a_byte_order_mark_is_no_part_of_the_first_name(void **state)
{
    (void)state;
    assert_names("\xEF\xBB\xBF"
                 "ant\r\nbee\r\n",
                 "ant", "bee");
    assert_names("\xEF\xBB\xBF"
                 "caf\xC3\xA9",
                 "caf\xC3\xA9");
    assert_refused("\xEF\xBB\xBF", "there is no name in it");
}

static void blanks_around_names_do_not_count(void **state)
{
    (void)state;
    assert_names("caf\xE9\n", "caf\xE9"); /* other bytes are taken as they are */
    assert_names("  ant\t\nking crab \n\n \n\t\n", "ant", "king crab");
}

static void an_empty_line_between_names_is_refused(void **state)
{
    (void)state;
    assert_refused("ant\n\nbee\n", "line 2 is empty: each line is a name");
    assert_refused("\nant\n", "line 1 is empty");
    assert_refused("", "there is no name in it");
    assert_refused(" \n\n", "there is no name in it");
}

static void other_encodings_are_refused(void **state)
{
    (void)state;
    assert_refused("\xFF\xFE"
                   "a\0n\0t\0\n\0",
                   "this is text in UTF-16 or UTF-32: a list of names is "
                   "text in UTF-8");
    assert_refused("\xFE\xFF"
                   "\0a\0n\0t",
                   "this is text in UTF-16");
    assert_refused("a\0n\0t\0", "it holds a zero byte");
    assert_refused("{\n \"0\": [\"n01\", \"tench\"]\n}\n", "this looks like JSON or Python");
    assert_refused("['ant', 'bee']\n", "this looks like JSON or Python");
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    names n;
    assert_false(names_read(&n, "/no/such/file"));
    assert_failed_with(CD_ERR_IO, "/no/such/file: No such file");
    assert_false(names_read(&n, test_folder()));
    assert_failed_with(CD_ERR_IO, "directory");
}

static void a_list_of_any_length_is_read(void **state)
{
    (void)state;
    enum { LINES = 30000, BYTES = 7 };
    char *text = malloc((size_t)LINES * BYTES + 1);
    assert_non_null(text);
    for (int i = 0; i < LINES; i++) {
        char line[16];
        (void)snprintf(line, sizeof line, "%06d\n", i);
        memcpy(text + i * BYTES, line, BYTES);
    }
    write_text(text, (size_t)LINES * BYTES);
    free(text);
    names n;
    assert_true(names_read(&n, path()));
    assert_int_equal(n.count, LINES);
    assert_string_equal(n.name[LINES - 1], "029999");
    names_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_end_as_on_any_system),
        TEST(a_byte_order_mark_is_no_part_of_the_first_name),
        TEST(blanks_around_names_do_not_count),
        TEST(an_empty_line_between_names_is_refused),
        TEST(other_encodings_are_refused),
        TEST(what_is_no_file_is_refused),
        TEST(a_list_of_any_length_is_read),
    };
    return RUN(tests);
}
