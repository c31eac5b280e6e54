/* Errors: the pending error, push and pop, messages, cd_report, the logger for streams. */
#include "test.h"

static void the_first_error_stays(void **state)
{
    (void)state;
    assert_true(cd_ok());
    assert_false(cd_fail(CD_ERR_SHAPE, "first %d", 1));
    assert_false(cd_fail(CD_ERR_IO, "second"));
    assert_int_equal(cd_error_code(), CD_ERR_SHAPE);
    assert_string_equal(cd_error_message(), "first 1");
    cd_clear_error();
    assert_true(cd_ok());
    assert_string_equal(cd_error_message(), "");
}

static void take_copies_and_clears(void **state)
{
    (void)state;
    cd_error error;
    assert_false(cd_error_take(&error));
    assert_int_equal(error.code, CD_OK);
    cd_fail(CD_ERR_IO, "gone");
    assert_true(cd_error_take(&error));
    assert_int_equal(error.code, CD_ERR_IO);
    assert_string_equal(error.message, "gone");
    assert_true(cd_ok());
    assert_false(cd_error_take(NULL));
}

static void frames_hide_and_restore(void **state)
{
    (void)state;
    cd_fail(CD_ERR_IO, "the host's");
    assert_true(cd_error_push());
    assert_true(cd_ok());
    cd_fail(CD_ERR_SHAPE, "the library's");
    cd_error error;
    assert_true(cd_error_pop(&error));
    assert_string_equal(error.message, "the library's");
    assert_failed_with(CD_ERR_IO, "the host's");
}

static void frames_end_at_eight(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) assert_true(cd_error_push());
    assert_false(cd_error_push());
    assert_failed_with(CD_ERR_STATE, "error_push");
    for (int i = 0; i < 8; i++) assert_false(cd_error_pop(NULL));
    assert_true(cd_ok());
    cd_error error = { .code = CD_ERR_IO };
    assert_false(cd_error_pop(&error));
    assert_int_equal(error.code, CD_OK);
    assert_failed_with(CD_ERR_STATE, "error_pop");
}

static void long_messages_are_cut(void **state)
{
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cd_fail(CD_ERR_IO, "%s", text);
    assert_int_equal(strlen(cd_error_message()), CD_ERROR_MESSAGE_BYTES - 1);
    cd_clear_error();
}

static void codes_have_names(void **state)
{
    (void)state;
    assert_string_equal(cd_code_name(CD_ERR_AUTOGRAD), "CD_ERR_AUTOGRAD");
    assert_string_equal(cd_code_name((cd_code)99), "CD_ERR_?");
}

static void report_writes_one_line(void **state)
{
    (void)state;
    assert_int_equal(cd_report(NULL), 0);
    char text[64] = "";
    FILE *stream = fmemopen(text, sizeof text, "w");
    cd_fail(CD_ERR_IO, "a sentence");
    assert_int_equal(cd_report(stream), 1);
    fclose(stream);
    assert_string_equal(text, "a sentence\n");
    cd_clear_error();
}

static void a_logger_writes_lines_to_a_stream(void **state)
{
    (void)state;
    char text[64] = "";
    FILE *stream = fmemopen(text, sizeof text, "w");
    assert_non_null(stream);
    cd_log_stream(CD_LOG_WARNING, "one", stream);
    cd_log_stream(CD_LOG_INFO, "two", stream);
    cd_log_stream(CD_LOG_INFO, "nowhere", NULL);
    (void)fclose(stream);
    assert_string_equal(text, "warning: one\ninfo: two\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_error_stays),   TEST(take_copies_and_clears),
        TEST(frames_hide_and_restore), TEST(frames_end_at_eight),
        TEST(long_messages_are_cut),   TEST(codes_have_names),
        TEST(report_writes_one_line),  TEST(a_logger_writes_lines_to_a_stream),
    };
    return RUN(tests);
}
