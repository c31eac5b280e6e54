/* Text, progress bars and tables for terminals of any width: functions of the program. */
#include "test.h"

#include "apps/cells.h"
#include "apps/console.h"
#include "apps/progress.h"
#include "apps/table.h"

static void columns_are_counted_and_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(cells(""), 0);
    assert_int_equal(cells("ant"), 3);
    assert_int_equal(cells("Gänse"), 5);
    assert_int_equal(cells("e\u0301"), 1); /* an accent of its own */
    assert_int_equal(cells("猫"), 2);
    assert_int_equal(cells("ねこ🐈"), 6);
    assert_int_equal(cells("кошка"), 5);
}

/* Sets the variables that name a locale; NULL: not set. */
static bool utf8_in(const char *all, const char *ctype, const char *lang)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    const char *const values[] = { all, ctype, lang };
    char before[3][64] = { "", "", "" };
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value) (void)snprintf(before[i], sizeof before[i], "%s", value);
        (void)(values[i] ? setenv(names[i], values[i], 1) : unsetenv(names[i]));
    }
    const bool utf8 = locale_is_utf8();
    for (int i = 0; i < 3; i++) (void)setenv(names[i], before[i], 1);
    return utf8;
}

static void the_environment_says_whether_it_is_utf8(void **state)
{
    (void)state;
    assert_true(utf8_in(NULL, NULL, "de_DE.UTF-8"));
    assert_true(utf8_in(NULL, NULL, "C.utf8"));
    assert_true(utf8_in("", "", "xx_YY.UTF-8@euro")); /* not installed anywhere */
    assert_true(utf8_in("en_US.UTF-8", "C", "C"));
    assert_true(utf8_in("", "en_US.UTF-8", "C"));
    assert_false(utf8_in("C", "en_US.UTF-8", "en_US.UTF-8"));
    assert_false(utf8_in(NULL, "de_DE.ISO-8859-1", "en_US.UTF-8"));
    assert_false(utf8_in(NULL, NULL, NULL));
    assert_false(utf8_in(NULL, NULL, "de_DE@UTF-8"));
    assert_false(utf8_in(NULL, NULL, "de_DE.UTF-88"));
    assert_false(utf8_in(NULL, NULL, "UTF-8"));
}

static void one_is_counted_alone(void **state)
{
    (void)state;
    char text[COUNTED_BYTES];
    assert_string_equal(counted(0, "picture", "pictures", text), "0 pictures");
    assert_string_equal(counted(1, "picture", "pictures", text), "1 picture");
    assert_string_equal(counted(2, "picture", "pictures", text), "2 pictures");
    assert_string_equal(counted(1000000, "picture", "pictures", text), "1000000 pictures");
}

static void assert_shown(const char *text, int width, const char *expected)
{
    char out[SHOWN_BYTES];
    assert_string_equal(shown(text, width, out), expected);
    assert_true(width == 0 || cells(out) <= width);
}

static void names_are_shortened_in_the_middle(void **state)
{
    (void)state;
    assert_shown("abcdefghij", 0, "abcdefghij");
    assert_shown("abcdefghij", 10, "abcdefghij");
    assert_shown("abcdefghij", 9, "abc...hij");
    assert_shown("abcdefghij", 8, "abc...ij");
    assert_shown("abcdefghij", 4, "a...");
    assert_shown("abcdefghij", 3, "abc");
    assert_shown("abcdefghij", 1, "a");
    assert_shown("猫猫猫猫猫", 10, "猫猫猫猫猫");
    assert_shown("猫猫猫猫猫", 9, "猫...猫"); /* no half of a character */
    assert_shown("Gänseblümchen", 9, "Gän...hen");
    assert_shown("e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", 7,
                 "e\u0301e\u0301...e\u0301e\u0301"); /* with their own accents alone */
    assert_shown("a\033[2Jb\nc", 0, "a\\x1b[2Jb\\nc");
    assert_shown("\033\033\033\033", 9, "\\x1...x1b");
}

/* In any locale: a container's is C. */
static void every_width_is_kept(void **state)
{
    (void)state;
    static const char *const names[] = { "layer4.0.downsample.1.num_batches_tracked",
                                         "ねこ🐈кошкаGänseblümchen猫猫猫猫猫猫" };
    char out[SHOWN_BYTES];
    for (int k = 0; k < 2; k++) {
        for (int width = 1; width <= 60; width++) {
            int columns = cells(shown(names[k], width, out));
            assert_that(columns <= width, "%d columns for a width of %d: %s", columns, width, out);
            /* A wide character that does not fit may leave one column free on each side of the
             * dots. */
            int all = cells(names[k]);
            assert_true(columns >= (width < all ? width - 2 : all));
        }
    }
}

/* --- sentences -------------------------------------------------------------------------------- */

static void assert_wrapped(const char *text, int before, int indent, int width,
                           const char *expected)
{
    char out[512] = "";
    FILE *stream = fmemopen(out, sizeof out, "w");
    assert_non_null(stream);
    wrap(stream, text, before, indent, width);
    (void)fclose(stream);
    assert_string_equal(out, expected);
}

static void sentences_are_broken_between_words(void **state)
{
    (void)state;
    assert_wrapped("one two three", 0, 2, 0, "one two three\n");
    assert_wrapped("one two three", 0, 2, 13, "one two three\n");
    assert_wrapped("one two three", 0, 2, 12, "one two\n  three\n");
    assert_wrapped("one two three", 0, 2, 5, "one\n  two\n  three\n");
    assert_wrapped("one two three", 5, 2, 12, "one two\n  three\n");
    assert_wrapped("  1   2   3", 0, 4, 11, "  1   2   3\n"); /* a row of a table */
    assert_wrapped("猫猫 猫", 0, 0, 6, "猫猫\n猫\n");
    assert_wrapped("see /a/long/path/ of it", 0, 2, 10, "see\n  /a/long/path/\n  of it\n");
    assert_wrapped("", 0, 0, 10, "\n");
}

/* --- progress --------------------------------------------------------------------------------- */

static void the_progress_line_fits_any_width(void **state)
{
    (void)state;
    static const double seconds[] = { 0, 0.01, 0.5, 30, 4000, 1e12 };
    static const char *const names[] = { "epoch 100000/100000", "features, train", "判断" };
    char out[PROGRESS_BYTES];
    for (int width = 20; width <= 120; width++) {
        for (size_t k = 0; k < sizeof seconds / sizeof *seconds; k++) {
            for (int64_t done = 0; done <= 3000; done += 500) {
                const char *name = names[(size_t)done / 500 % 3];
                (void)progress_text(name, "photographs", done, 2500, seconds[k], width, out);
                assert_that(cells(out) <= width, "%d columns: %s", width, out);
                assert_that(strstr(out, " %") != NULL, "no share is left: %s", out);
                assert_null(strstr(out, "nan"));
                assert_null(strstr(out, "inf"));
            }
        }
    }
}

static void parts_of_the_progress_line_leave_in_order(void **state)
{
    (void)state;
    char out[PROGRESS_BYTES];
    static const struct {
        int width;
        const char *text;
    } at[] = {
        { 79, "epoch 1/3 [======>                 ]  25 %  10 pictures/s  2 min 30 s left" },
        { 74, "epoch 1/3 [======>                 ]  25 %  10 pictures/s  2 min 30 s left" },
        { 73, "epoch 1/3 [======>                 ]  25 %  10 pictures/s" },
        { 57, "epoch 1/3 [======>                 ]  25 %  10 pictures/s" },
        { 56, "epoch 1/3 [======>                 ]  25 %" },
        { 42, "epoch 1/3 [======>                 ]  25 %" },
        { 41, "epoch 1/3  25 %" },
        { 15, "epoch 1/3  25 %" },
        { 14, "epo.../3  25 %" },
    };
    for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
        (void)progress_text("epoch 1/3", "pictures", 500, 2000, 50, at[k].width, out);
        assert_string_equal(out, at[k].text);
    }
}

static void assert_left(double seconds, const char *left)
{
    char out[PROGRESS_BYTES];
    (void)progress_text("e", "pictures", 1, 2, seconds, 200, out);
    assert_that(strstr(out, left) != NULL, "no \"%s\" in \"%s\"", left, out);
}

/* Half is done after `seconds`, so as many seconds are left. */
static void durations_have_their_units(void **state)
{
    (void)state;
    assert_left(7, "  7 s left");
    assert_left(59, "  59 s left");
    assert_left(60, "  1 min 00 s left");
    assert_left(3598.5, "  59 min 59 s left");
    assert_left(3600, "  1 h 00 min left");
    assert_left(3600 + 12 * 60 + 40, "  1 h 12 min left");
    assert_left(100 * 3600 + 5 * 60, "  100 h 05 min left");
}

/* --- tables ----------------------------------------------------------------------------------- */

static int width_of(const table *t)
{
    int sum = 0;
    for (int k = 0; k < t->count; k++) sum += t->column[k].gap + t->column[k].width;
    return sum;
}

static void tables_fit_any_width(void **state)
{
    (void)state;
    for (int line = 20; line <= 100; line++) {
        table t = {
            .column = { { .head = "", .width = 3, .min_width = 3 },
                        { .head = "class", .gap = 2, .width = 30, .min_width = 7, .text = true },
                        { .head = "precision",
                          .gap = 1,
                          .width = 9,
                          .min_width = 9,
                          .drop_order = 2 },
                        { .head = "recall", .gap = 1, .width = 9, .min_width = 7 },
                        { .head = "pictures",
                          .gap = 1,
                          .width = 9,
                          .min_width = 8,
                          .drop_order = 1 } },
            .count = 5
        };
        table_fit(&t, line);
        assert_that(width_of(&t) <= line, "%d columns in a line of %d", width_of(&t), line);
        assert_true(t.column[3].width >= 7);
        assert_int_equal(t.column[2].width >= 9, line >= 30); /* goes second */
        assert_int_equal(t.column[4].width >= 8, line >= 39); /* goes first */
        assert_int_equal(t.column[1].width, line >= 62   ? 30
                                            : line >= 39 ? line - 32
                                            : line >= 30 ? line - 23
                                                         : line - 13);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns_are_counted_and_not_bytes),
        TEST(the_environment_says_whether_it_is_utf8),
        TEST(one_is_counted_alone),
        TEST(names_are_shortened_in_the_middle),
        TEST(every_width_is_kept),
        TEST(sentences_are_broken_between_words),
        TEST(the_progress_line_fits_any_width),
        TEST(durations_have_their_units),
        TEST(parts_of_the_progress_line_leave_in_order),
        TEST(tables_fit_any_width),
    };
    return RUN(tests);
}
