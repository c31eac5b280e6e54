/* Reading CSV files: io/table.h. Expected values are those of pandas and Python's float. */
#include "hostile.h"

#include "io/csv_number_internal.h"
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
    assert_failed_with(CD_ERR_ARGUMENT, "column \"city\" has texts: line 2 has \"Ulm\"");
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
    assert_null(cd_read_csv("t", .decimal = 'x'));
    assert_failed_with(CD_ERR_ARGUMENT, ".decimal must be");
    assert_null(cd_read_csv("t", .delimiter = ',', .decimal = ','));
    assert_failed_with(CD_ERR_ARGUMENT, "both ','");
}

/* Checks how many columns a text has. */
static void has_columns(const char *text, int64_t columns)
{
    cd_table *t = cd_read_csv(put(text));
    assert_ok();
    assert_that(cd_table_columns(t) == columns, "%s has %lld columns", text,
                (long long)cd_table_columns(t));
}

static void the_delimiter_is_found_in_the_first_line(void **state)
{
    (void)state;
    has_columns("a;b\n1;2\n", 2);
    has_columns("a\tb\n1\t2\n", 2);
    has_columns("\n\"x,y\";b\n1;2\n", 2);
    has_columns("a;b,c\n1,2\n", 2);
    has_columns("a\tb;c\n1;2\n", 2);
    has_columns("a\n1;2\n", 1);
    has_columns("\"a;b\"\n1\n", 1);
    has_columns("5\" disk;price\n1;2\n", 2); /* a quote within a field opens none */
    has_columns("size (\")\tprice\n1\t2\n", 2);
    has_columns("\"5\"\" disk, new\";b\n1;2\n", 2);
    /* The first line is a row with decimal commas, or with commas between fields. */
    cd_table *t = cd_read_csv(put("1,5;2\n3;4,25\n"), .no_header = true);
    assert_int_equal(cd_table_columns(t), 2);
    assert_true(cd_table_numbers(t, 0)[0] == 1.5 && cd_table_numbers(t, 1)[1] == 4.25);
    assert_int_equal(cd_table_columns(cd_read_csv(put("1,5\t2\n"), .no_header = true)), 2);
    assert_int_equal(cd_table_columns(cd_read_csv(put("1,5\n"), .no_header = true)), 2);
    assert_int_equal(cd_table_columns(cd_read_csv(put("1,5,a;b\n"), .no_header = true)), 3);
    t = cd_read_csv(put("a,b;c\n1,5;2\n"), .decimal = ',');
    assert_ok();
    assert_string_equal(cd_table_name(t, 0), "a,b");
    assert_true(cd_table_numbers(t, 0)[0] == 1.5);
}

/* A spreadsheet in a German locale writes decimal commas, and semicolons between fields. */
static void decimal_commas_are_numbers(void **state)
{
    (void)state;
    cd_table *t = cd_read_csv(put("a;b;c;d\n1,5;1.5;1,5;7\n;2.5;1.5;8\n-1e1;0;0;9\n"));
    assert_ok();
    const double *a = cd_table_numbers(t, 0), *b = cd_table_numbers(t, 1);
    assert_true(a[0] == 1.5 && isnan(a[1]) && a[2] == -10 && b[0] == 1.5 && b[1] == 2.5);
    assert_string_equal(cd_table_text(t, 0, 0), "1,5");
    assert_false(cd_table_is_number(t, 2));
    assert_true(cd_table_is_number(t, 3));
    t = cd_read_csv(put("a;b\n1,5;1.5\n"), .decimal = '.');
    assert_true(!cd_table_is_number(t, 0) && cd_table_is_number(t, 1));
    t = cd_read_csv(put("a;b\n1,5;1.5\n"), .decimal = ',');
    assert_true(cd_table_is_number(t, 0) && !cd_table_is_number(t, 1));
    t = cd_read_csv(put("a,b\n\"1,5\",1\n"));
    assert_false(cd_table_is_number(t, 0));
}

static void columns_without_names_are_numbered(void **state)
{
    (void)state;
    cd_table *t = cd_read_csv(put(",a,\"\"\n0,1,2\n"));
    assert_ok();
    assert_string_equal(cd_table_name(t, 0), "Unnamed: 0");
    assert_string_equal(cd_table_name(t, 1), "a");
    assert_string_equal(cd_table_name(t, 2), "Unnamed: 2");
    assert_int_equal(cd_table_find(t, "Unnamed: 2"), 2);
    refused("Unnamed: 1,\n1,2\n", "two columns are called \"Unnamed: 1\"");
}

/* The header promises 24 times the size of a file, plus 4 MiB. */
static void memory_is_bounded(void **state)
{
    (void)state;
    enum { SIZE = 1 << 21 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    static const char *const lines[] = { "1\n", ",,,,,,,\n", "1,2\n" };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        size_t length = strlen(lines[i]);
        for (size_t k = 0; k < SIZE; k++) text[k] = lines[i][k % length];
        const char *path = test_write("big.csv", text, SIZE);
        cd_scope scope = cd_scope_begin();
        cd_memory_trim();
        cd_memory_reset_peak();
        size_t before = cd_memory_stats().bytes_in_use;
        assert_non_null(cd_read_csv(path, .no_header = true));
        size_t peak = cd_memory_stats().bytes_peak - before;
        assert_that(peak <= 24 * (size_t)SIZE + (4 << 20), "%zu bytes for lines of %s", peak,
                    lines[i]);
        (void)cd_scope_end(scope);
    }
    free(text);
}

static void damage_is_said_with_its_line(void **state)
{
    (void)state;
    refused("a,b\n1,2\n\n3\n", "line 4 has 1 field, and the first line has 2");
    refused("a,b\n1,\"x\n2,3\n", "line 2: the quote that begins a field here is never closed");
    refused("a\n\"x\"y\n", "line 2: text follows a closing quote");
    refused("a,b,a\n1,2,3\n", "two columns are called \"a\"");
    refused("a,b\n", "a header, but no rows");
    refused("", "empty");
    refused("\n \n", "blank lines");
    refused("a\nx\n\xFF\n", "line 3 is not UTF-8");
    assert_null(cd_read_csv(test_write("n.csv", "a\nb\0\n", 5)));
    assert_failed_with(CD_ERR_FORMAT, "line 2 has a NUL byte");
}

/* Each text is the double that the compiler makes of it. */
static void numbers_are_rounded_once(void **state)
{
    (void)state;
    cd_table *t = cd_read_csv(
        put("v\n0.1\n9007199254740993\n1.7976931348623157e308\n5e-324\n1e400\n123456789.123456789\n"
            "-0\n 8.5 "
            "\n00000000000000000000001.5\n1e23\n-inf\n0.30000000000000004\n73785690282684228e-16\n"
            "0.000010000000000000000000000012345\n1000000000000000000000000e-25\n"
            "100000e10000000000\n0e999\n9007199254740993.0000000000000000000000000000000001\n"));
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
                                       73785690282684228e-16,
                                       0.000010000000000000000000000012345,
                                       1000000000000000000000000e-25,
                                       (double)INFINITY,
                                       0.0,
                                       9007199254740994.0 };
    const double *v = cd_table_numbers(t, 0);
    assert_non_null(v);
    assert_memory_equal(v, expected, sizeof expected);
}

/* Random texts of 1 to 20 digits with powers of ten, and doubles half-way between two. strtod is
 * right for all of them. */
static void numbers_are_those_of_strtod(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252U;
    for (int i = 0; i < 300000; i++) {
        char text[64];
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        unsigned long long digits = random >> random % 61;
        int exponent = (int)(random >> 8 & 63) - 36, point = (int)(random >> 14 & 3);
        if (point == 3) {
            (void)snprintf(text, sizeof text, "%llu.5", (digits | 1ULL << 52) & ((1ULL << 53) - 1));
        } else {
            (void)snprintf(text, sizeof text, point ? "-0.%llue%d" : "%llue%d", digits, exponent);
        }
        double expected = strtod(text, NULL), value = 7;
        assert_true(cd_csv_number(text, '.', &value));
        assert_that(memcmp(&value, &expected, sizeof value) == 0, "%s is %a, and was read as %a",
                    text, expected, value);
    }
    char fraction[1200] = "0.";
    memset(fraction + 2, '0', 1100);
    (void)snprintf(fraction + 1102, 32, "25e1102");
    double value = 7;
    assert_true(cd_csv_number(fraction, '.', &value));
    assert_true(value == 2.5 * 10);
    fraction[1104] = '\0'; /* without its exponent: less than any double */
    assert_true(cd_csv_number(fraction, '.', &value));
    assert_true(value == 0);
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
        TEST(the_delimiter_is_found_in_the_first_line),
        TEST(decimal_commas_are_numbers),
        TEST(columns_without_names_are_numbered),
        TEST(memory_is_bounded),
        TEST(damage_is_said_with_its_line),
        TEST(numbers_are_rounded_once),
        TEST(numbers_are_those_of_strtod),
        TEST(what_is_no_number_is_a_text),
        TEST(mutants_do_no_harm),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
