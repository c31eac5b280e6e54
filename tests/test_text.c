/* Text on terminals: what cd_escape_text changes and what it leaves, in messages too. */
#include "test.h"

#include "core/error_internal.h"
#include "core/text_internal.h"

static void assert_escaped(const char *text, const char *expected)
{
    char out[256];
    assert_ptr_equal(cd_escape_text(out, sizeof out, text), out);
    assert_string_equal(out, expected);
    char again[256];
    assert_string_equal(cd_escape_text(again, sizeof again, out), expected);
}

static void control_characters_are_escaped(void **state)
{
    (void)state;
    assert_escaped("a\tb\nc\rd", "a\\tb\\nc\\rd");
    assert_escaped("\x1b[2J\a\b\x7f\x01", "\\x1b[2J\\x07\\x08\\x7f\\x01");
    assert_escaped("\xC2\x80|\xC2\x9B"
                   "31m|\xC2\x9F|\xC2\xA0",
                   "\\u0080|\\u009b31m|\\u009f|\xC2\xA0");
    assert_escaped("", "");
    assert_escaped(NULL, "");
    char out[16];
    assert_string_equal(cd_escape_bytes(out, sizeof out, "a\0b", 3), "a\\x00b");
}

/* Characters that make "gpj.exe" look like "exe.jpg", and line separators that only some viewers
 * obey. */
static void direction_marks_and_line_separators_are_escaped(void **state)
{
    (void)state;
    assert_escaped("\u202egpj.exe", "\\u202egpj.exe");
    assert_escaped("\u202a\u202b\u202c\u202d", "\\u202a\\u202b\\u202c\\u202d");
    assert_escaped("\u2066\u2067\u2068\u2069", "\\u2066\\u2067\\u2068\\u2069");
    assert_escaped("\u2028\u2029\u200e\u200f\u061c", "\\u2028\\u2029\\u200e\\u200f\\u061c");
    assert_escaped("\u2027\u202f\u2065\u206a", "\u2027\u202f\u2065\u206a");
}

static void names_in_any_script_stay(void **state)
{
    (void)state;
    const char *names[] = {
        "Gänseblümchen", "猫", "кошка", "قطة", "חתול", "ねこ🐈", "C:\\new\\table"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) assert_escaped(names[i], names[i]);
}

static void bytes_that_are_not_utf8_are_escaped(void **state)
{
    (void)state;
    assert_escaped("M\xFCller", "M\\xfcller");
    assert_escaped("\x80\xBF\xC0\xAF", "\\x80\\xbf\\xc0\\xaf");
    assert_escaped("\xED\xA0\x80", "\\xed\\xa0\\x80");          /* a surrogate */
    assert_escaped("\xE0\x80\x9B", "\\xe0\\x80\\x9b");          /* U+001B, overlong */
    assert_escaped("\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
    assert_escaped("\xF0\x9F\x90", "\\xf0\\x9f\\x90");          /* cut short */
    assert_escaped("\xE7\x8C\n", "\\xe7\\x8c\\n");
    assert_escaped("\xF4\x8F\xBF\xBF\xFF\xFE", "\xF4\x8F\xBF\xBF\\xff\\xfe");
}

static void what_does_not_fit_is_cut_before_a_whole_character(void **state)
{
    (void)state;
    char out[32];
    memset(out, '#', sizeof out);
    assert_string_equal(cd_escape_text(out, 8, "1234567"), "1234567");
    assert_string_equal(cd_escape_text(out, 8, "12345678"), "1234...");
    assert_string_equal(cd_escape_text(out, 8, "123猫猫"), "123...");
    assert_string_equal(cd_escape_text(out, 8,
                                       "12\x1b"
                                       "345"),
                        "12...");
    assert_string_equal(cd_escape_text(out, 3, "1234"), "12");
    assert_string_equal(cd_escape_text(out, 3, "猫"), "");
    assert_string_equal(cd_escape_text(out, 1, "1"), "");
    assert_int_equal(out[8], '#');
    out[0] = '#';
    assert_ptr_equal(cd_escape_text(out, 0, "1"), out);
    assert_int_equal(out[0], '#');
}

static void a_message_that_is_too_long_ends_in_a_whole_character(void **state)
{
    (void)state;
    char text[2000];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3) memcpy(text + i, "猫", 4);
        cd_fail(CD_ERR_IO, "%s", text);
        const char *said = cd_error_message();
        size_t length = strlen(said);
        assert_in_range(length, CD_ERROR_MESSAGE_BYTES - 4, CD_ERROR_MESSAGE_BYTES - 1);
        assert_string_equal(said + length - 6, "猫...");
        assert_null(strstr(said, "\\x"));
        cd_clear_error();
    }
}

static void messages_of_errors_are_escaped(void **state)
{
    (void)state;
    cd_fail(CD_ERR_IO, "%s: cannot open it", "a\n\x1b]0;title\a\xFF.png");
    assert_failed_with(CD_ERR_IO, "a\\n\\x1b]0;title\\x07\\xff.png: cannot open it");
    /* A message that is used in another error is not escaped a second time. */
    cd_fail(CD_ERR_IO, "猫\n");
    cd_error error;
    cd_error_take(&error);
    cd_fail(error.code, "%s", error.message);
    assert_string_equal(cd_error_message(), "猫\\n");
    cd_clear_error();
}

static void remember(cd_log_level level, const char *message, void *user)
{
    (void)level;
    (void)snprintf(user, 64, "%s", message);
}

static void messages_of_the_logger_are_escaped(void **state)
{
    (void)state;
    char said[64] = "";
    cd_set_logger(remember, said);
    cd_log_line(CD_LOG_WARNING, "%s is left out", "x\r\u202e.png");
    cd_set_logger(NULL, NULL);
    assert_string_equal(said, "x\\r\\u202e.png is left out");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(control_characters_are_escaped),
        TEST(direction_marks_and_line_separators_are_escaped),
        TEST(names_in_any_script_stay),
        TEST(bytes_that_are_not_utf8_are_escaped),
        TEST(what_does_not_fit_is_cut_before_a_whole_character),
        TEST(a_message_that_is_too_long_ends_in_a_whole_character),
        TEST(messages_of_errors_are_escaped),
        TEST(messages_of_the_logger_are_escaped),
    };
    return RUN(tests);
}
