/* Reading CSV files: io/table.h. Expected values are those of pandas and Python's float. */
#include "hostile.h"

#include <locale.h>

#include "io/table.h"

static const char *put(const char *text)
{
    return test_write("t.csv", text, strlen(text));
}

/* Checks that reading the text fails with CD_ERR_FORMAT and this in its message. */
static void refused(const char *text, const char *message)
{
    assert_null(cd_read_csv(put(text)));
    assert_failed_with(CD_ERR_FORMAT, message);
}

static void columns_have_names_kinds_and_values(void **state)
{
    (void)state;
    cd_table *t = cd_read_csv(put("area,city,price\n50,Ulm,1.5e3\n,\"Bad Tölz\",-7\n70,NA,.25\n"));
    assert_ok();
    assert_int_equal(cd_table_rows(t), 3);
    assert_int_equal(cd_table_columns(t), 3);
    assert_string_equal(cd_table_name(t, 1), "city");
    assert_int_equal(cd_table_find(t, "price"), 2);
    assert_int_equal(cd_table_find(t, "1"), 1);
    const double *area = cd_table_numbers(t, 0), *price = cd_table_numbers(t, 2);
    assert_true(area[0] == 50 && isnan(area[1]) && area[2] == 70);
    assert_true(price[0] == 1500 && price[1] == -7 && price[2] == 0.25);
    assert_false(cd_table_is_number(t, 1));
    assert_string_equal(cd_table_text(t, 1, 1), "Bad Tölz");
    assert_true(cd_table_is_missing(t, 1, 0) && cd_table_is_missing(t, 2, 1));
    assert_false(cd_table_is_missing(t, 0, 0));
    assert_null(cd_table_numbers(t, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "column \"city\" has texts");
    assert_int_equal(cd_table_find(t, "rooms"), -1);
    assert_failed_with(CD_ERR_ARGUMENT, "no column \"rooms\"; there are area, city, ...");
    assert_null(cd_table_text(t, 3, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "no row 3");
}

static void a_name_that_is_a_number_goes_before_the_number(void **state)
{
    (void)state;
    cd_table *t = cd_read_csv(put("1,0,x\n5,6,7\n"));
    assert_int_equal(cd_table_find(t, "0"), 1);
    assert_int_equal(cd_table_find(t, "2"), 2);
}

static void quotes_line_ends_and_marks(void **state)
{
    (void)state;
    /* As Excel writes "CSV UTF-8": a mark, CRLF, quotes where they are needed. */
    cd_table *t = cd_read_csv(
        put("\xEF\xBB\xBF\"a\",b\r\n\"x, \"\"y\"\"\",1\r\n\r\n \t\r\n\"two\nlines\",2\r\nz,\"3\""));
    assert_ok();
    assert_int_equal(cd_table_rows(t), 3);
    assert_string_equal(cd_table_name(t, 0), "a");
    assert_string_equal(cd_table_text(t, 0, 0), "x, \"y\"");
    assert_string_equal(cd_table_text(t, 1, 0), "two\nlines");
    assert_true(cd_table_numbers(t, 1)[2] == 3);
    assert_int_equal(cd_table_line(t, 0), 2);
    assert_int_equal(cd_table_line(t, 1), 5);
    assert_int_equal(cd_table_line(t, 2), 7);
}

static void options_are_followed(void **state)
{
    (void)state;
    static const char *const missing[] = { "?", "-999", NULL };
    cd_table *t =
        cd_read_csv(put("1;?\n-999;NA\n"), .delimiter = ';', .no_header = true, .missing = missing);
    assert_ok();
    assert_int_equal(cd_table_rows(t), 2);
    assert_string_equal(cd_table_name(t, 1), "1");
    assert_true(cd_table_numbers(t, 0)[0] == 1 && isnan(cd_table_numbers(t, 0)[1]));
    assert_true(cd_table_is_missing(t, 0, 1) && !cd_table_is_missing(t, 1, 1));
    assert_false(cd_table_is_number(t, 1));
    assert_null(cd_read_csv("t", .delimiter = '"'));
    assert_failed_with(CD_ERR_ARGUMENT, ".delimiter");
}

static void damage_is_said_with_its_line(void **state)
{
    (void)state;
    refused("a,b\n1,2\n\n3\n", "line 4 has 1 field, and the first line has 2");
    refused("a;b\n1,5;2\n", ".delimiter = ';'");
    refused("a,b\n1,\"x\n2,3\n", "line 2: the quote that begins a field here is never closed");
    refused("a\n\"x\"y\n", "line 2: text follows a closing quote");
    refused("a,b,a\n1,2,3\n", "two columns are called \"a\"");
    refused("a,,b\n1,2,3\n", "column 1 of the header has no name");
    refused("a,b\n", "a header, but no rows");
    refused("", "empty");
    refused("\n \n", "blank lines");
    refused("a\nx\n\xFF\n", "line 3 is not UTF-8");
    assert_null(cd_read_csv(test_write("n.csv", "a\nb\0\n", 5)));
    assert_failed_with(CD_ERR_FORMAT, "line 2 has a NUL byte");
}

/* Each text is the double that the compiler makes of it, whatever the locale of the thread. */
static void numbers_are_rounded_once(void **state)
{
    (void)state;
    locale_t german = newlocale(LC_ALL_MASK, "de_DE.UTF-8", (locale_t)0), before = (locale_t)0;
    if (german) before = uselocale(german);
    cd_table *t = cd_read_csv(put(
        "v\n0.1\n9007199254740993\n1.7976931348623157e308\n5e-324\n1e400\n123456789.123456789\n"
        "-0\n 8.5 "
        "\n00000000000000000000001.5\n1e23\n-inf\n0.30000000000000004\n73785690282684228e-16\n"));
    if (german) {
        (void)uselocale(before);
        freelocale(german);
    }
    assert_ok();
    static const double expected[] = { 0.1,
                                       9007199254740993.0,
                                       1.7976931348623157e308,
                                       5e-324,
                                       (double)INFINITY,
                                       123456789.123456789,
                                       -0.0,
                                       8.5,
                                       1.5,
                                       1e23,
                                       (double)-INFINITY,
                                       0.30000000000000004,
                                       73785690282684228e-16 };
    const double *v = cd_table_numbers(t, 0);
    assert_non_null(v);
    assert_memory_equal(v, expected, sizeof expected);
}

static void what_is_no_number_is_a_text(void **state)
{
    (void)state;
    static const char *const texts[] = { "1,5x", "0x10", "1_000", "1e", ".", "-", "True", "1.2.3" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char file[32];
        (void)snprintf(file, sizeof file, "v\n\"%s\"\n", texts[i]);
        cd_table *t = cd_read_csv(put(file));
        assert_that(t && !cd_table_is_number(t, 0), "%s is read as a number", texts[i]);
    }
}

static void read_bytes(const unsigned char *data, size_t size)
{
    cd_scope scope = cd_scope_begin();
    (void)cd_read_csv(test_write("h.csv", data, size));
    (void)cd_scope_end(scope);
}

static const char small[] = "a,b\r\n\"x\"\"\n\",1.5e3\r\n,NA\r\n";

static void mutants_do_no_harm(void **state)
{
    (void)state;
    read_truncations(read_bytes, (const unsigned char *)small, sizeof small - 1);
    read_mutants(read_bytes, (const unsigned char *)small, sizeof small - 1);
}

static bool read_path(void *path)
{
    cd_scope scope = cd_scope_begin();
    bool right = cd_read_csv(path) != NULL;
    (void)cd_scope_end(scope);
    return right;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", put(small));
    assert_true(sweep_memory(read_path, path) >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns_have_names_kinds_and_values),
        TEST(a_name_that_is_a_number_goes_before_the_number),
        TEST(quotes_line_ends_and_marks),
        TEST(options_are_followed),
        TEST(damage_is_said_with_its_line),
        TEST(numbers_are_rounded_once),
        TEST(what_is_no_number_is_a_text),
        TEST(mutants_do_no_harm),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
