/* JSON: what is written, what is read, and that every bit of a number comes back. jansson is the
 * reference for what is JSON. */
#include "test.h"

#include <jansson.h>

#include "core/memory_internal.h"
#include "io/json_scan_internal.h"
#include "io/json_tree_internal.h"
#include "io/json_write_internal.h"

static int64_t allowed;

static bool fail_after(size_t bytes)
{
    (void)bytes;
    return allowed-- <= 0;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static char *number_text(double value)
{
    cd_json_writer w = { .max_size = 0 };
    cd_json_put_number(&w, value);
    char *text = cd_json_finish(&w);
    assert_non_null(text);
    return text;
}

static void comes_back(double value)
{
    char *text = number_text(value);
    cd_json_document d;
    assert_true(cd_json_parse(&d, "test", text, CD_ERR_FORMAT));
    assert_true(cd_json_is(d.root, CD_JSON_REAL));
    assert_that(memcmp(&value, &d.root->real, sizeof value) == 0, "%a became %s, which is %a",
                value, text, d.root->real);
    cd_json_free(&d);
    cd_free(text);
}

static void every_bit_of_a_number_comes_back(void **state)
{
    (void)state;
    const double special[] = { 0.0,    -0.0,  0.1 + 0.2, 1.0 / 3, 5e-324,
                               1e-310, 1e308, 0x1p53,    1e22,    1.7976931348623157e308 };
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) comes_back(special[i]);
    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        if (isfinite(from_bits(bits))) comes_back(from_bits(bits));
    }
}

static void numbers_have_no_more_digits_than_they_need(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 0.485, "0.485" },
        { 1, "1.0" },
        { -0.0, "-0.0" },
        { 1e-5, "1e-05" },
        { 1e20, "1e+20" },
        { 1e-20, "1e-20" },
        { 123456789012345680.0, "1.2345678901234568e+17" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 0.28604059698879553, "0.2860405969887955" }, /* the mean of Fashion-MNIST */
        { 2.0 / 3, "0.6666666666666666" },
        { 0x1.fffffffffffffp-1, "0.9999999999999999" },
        { 5e-324, "5e-324" },
        /* Powers of two: the nearest 16 digits (...80801 and ...39663) read
         * back as other numbers. */
        { 0x1p-44, "5.684341886080802e-14" },
        { -0x1p+122, "-5.316911983139664e+36" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = number_text(cases[i].value);
        assert_string_equal(text, cases[i].text);
        cd_free(text);
    }
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Everything that a string may hold: quotes, backslashes, control characters,
 * UTF-8 of 2 to 4 bytes. */
static const char *const odd_names[] = {
    "",
    "\"",
    "\\",
    "\\\"\\u0041",
    "a/b",
    "\x01\x1F\x7F\b\f\n\r\t",
    "\xC2\x80\xE2\x80\xA8",
    "M\xC3\xA4use",
    "\xF0\x9F\x90\x9D",
    "\xF4\x8F\xBF\xBF",
    "{\"a\": [1, 2]}",
};
enum { ODD_NAMES = sizeof odd_names / sizeof *odd_names };

static void odd_strings_come_back(void **state)
{
    (void)state;
    for (int i = 0; i < ODD_NAMES; i++) {
        cd_json_writer w = { .max_size = 0 };
        cd_json_put_string(&w, odd_names[i]);
        char *text = cd_json_finish(&w);
        assert_non_null(text);
        json_t *theirs = json_loads(text, JSON_DECODE_ANY, NULL);
        assert_that(json_string_value(theirs) != NULL, "jansson refuses %s", text);
        assert_string_equal(json_string_value(theirs), odd_names[i]);
        json_decref(theirs);
        cd_json_document ours;
        assert_true(cd_json_parse(&ours, "test", text, CD_ERR_FORMAT));
        assert_true(cd_json_is(ours.root, CD_JSON_STRING));
        assert_string_equal(ours.root->string, odd_names[i]);
        cd_json_free(&ours);
        cd_free(text);
    }
}

static bool write_something(char **text)
{
    cd_json_writer w = { .max_size = 0 };
    cd_json_put(&w, "[");
    for (int i = 0; i < 100; i++) {
        if (i > 0) cd_json_put(&w, ",");
        cd_json_put_number(&w, i / 7.0);
        cd_json_put(&w, ",");
        cd_json_put_string(&w, "a long name, so that the text must grow");
    }
    cd_json_put(&w, "]");
    *text = cd_json_finish(&w);
    return *text != NULL;
}

static void a_text_is_never_handed_out_with_something_missing(void **state)
{
    (void)state;
    char *whole, *text;
    assert_true(write_something(&whole));
    bool done = false;
    int64_t n = 0;
    for (; !done; n++) {
        allowed = n;
        cd_memory_fault_hook = fail_after;
        done = write_something(&text);
        cd_memory_fault_hook = NULL;
        if (!done) assert_failed_with(CD_ERR_MEMORY, "");
    }
    assert_true(n > 4);
    assert_string_equal(text, whole);
    cd_free(text);
    cd_free(whole);
}

static void a_text_longer_than_it_may_be_is_none(void **state)
{
    (void)state;
    cd_json_writer w = { .max_size = 4 };
    cd_json_put(&w, "[10]");
    char *text = cd_json_finish(&w);
    assert_string_equal(text, "[10]");
    cd_free(text);
    w = (cd_json_writer){ .max_size = 4 };
    cd_json_put(&w, "[10");
    cd_json_put(&w, "0");
    cd_json_put(&w, "]");
    assert_null(cd_json_finish(&w));
    assert_true(w.too_long);
    assert_true(cd_ok());
}

/* --- reading ---------------------------------------------------------------------------------- */

static void values_are_found_by_key(void **state)
{
    (void)state;
    cd_json_document d;
    assert_true(
        cd_json_parse(&d, "test",
                      " {\"a\": [1, -2.5e1, \"\\u00e9\\n\"], \"b\": {\"c\": null, \"d\": true},"
                      "\"\": {}, \"e\": [], \"f\": false} ",
                      CD_ERR_FORMAT));
    const cd_json *a = cd_json_get(d.root, "a");
    assert_true(cd_json_is(a, CD_JSON_LIST));
    assert_int_equal(a->count, 3);
    const cd_json *item = cd_json_first(a);
    assert_true(cd_json_is(item, CD_JSON_INTEGER));
    assert_int_equal(item->integer, 1);
    item = cd_json_after(item);
    assert_true(cd_json_is(item, CD_JSON_REAL));
    assert_close(item->real, -25, 0, 0);
    item = cd_json_after(item);
    assert_string_equal(item->string, "\xC3\xA9\n");
    const cd_json *b = cd_json_get(d.root, "b");
    assert_true(cd_json_is(cd_json_get(b, "c"), CD_JSON_NULL));
    assert_true(cd_json_is(cd_json_get(b, "d"), CD_JSON_TRUE));
    assert_null(cd_json_get(b, "a"));
    assert_null(cd_json_get(a, "c"));
    assert_int_equal(cd_json_get(d.root, "")->count, 0);
    assert_int_equal(cd_json_get(d.root, "e")->count, 0);
    assert_true(cd_json_is(cd_json_get(d.root, "f"), CD_JSON_FALSE));
    cd_json_free(&d);
}

/* jansson and this reader agree on what is JSON. */
static void what_is_no_json_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "}",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{1:2}",
        "{\"a\" 1}",
        "[1}",
        "{\"a\":1]",
        "01",
        "-",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "0x10",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e999",
        "-1e999",
        "9223372036854775808",
        "9223372036854775810",
        "99999999999999999999999999",
        "-9223372036854775809",
        "tru",
        "truee",
        "nul",
        "falsy",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\u0000\"",
        "\"\\ud800\\ue000\"",
        "\"\\ud800\\n41 41\"",
        "\"\\ud800 u0041\"",
        "\"\\udc00\\ud800\"",
        "\"\\",
        "\"\t\"",
        "\"\xFF\"",
        "\"\xC0\x80\"",
        "\"\xED\xA0\x80\"",
        "1 2",
        "[] []",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "[{\"x\":{\"y\":1,\"z\":2,\"y\":3}}]",
        "//",
        "[1]x",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cd_json_document d;
        assert_that(!cd_json_parse(&d, "test", texts[i], CD_ERR_ARGUMENT), "taken: %s", texts[i]);
        assert_null(d.root);
        assert_failed_with(CD_ERR_ARGUMENT, "test: byte ");
        json_t *theirs = json_loads(texts[i], JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
        assert_that(!theirs, "jansson takes %s", texts[i]);
    }
}

static void what_is_json_is_taken(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "0.0",
        "1E5",
        "1e-400",
        "9223372036854775807",
        "-9223372036854775808",
        "null",
        "\"\\ud83d\\udc1d\"",
        "\"\\ud7ff\\ue000\\uffff\"",
        "\"\\/\\b\\f\"",
        "\"\x7F\"",
        "[[[[]]]]",
        "[{},{}]",
        "\t\r\n [ ] ",
        "{\"a\":{\"a\":1},\"b\":{\"a\":2}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cd_json_document d;
        assert_that(cd_json_parse(&d, "test", texts[i], CD_ERR_FORMAT), "%s: %s", texts[i],
                    cd_error_message());
        cd_json_free(&d);
        json_t *theirs = json_loads(texts[i], JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
        assert_that(theirs != NULL, "jansson refuses %s", texts[i]);
        json_decref(theirs);
    }
}

static void escapes_become_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text, *string;
    } cases[] = {
        { "\"\\u0041\\u007f\"", "A\x7F" },
        { "\"\\u0080\\u07FF\"", "\xC2\x80\xDF\xBF" },
        { "\"\\u0800\\ud7ff\\uE000\\uffff\"", "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF" },
        { "\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF" },
        { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_json_document d;
        assert_true(cd_json_parse(&d, "test", cases[i].text, CD_ERR_FORMAT));
        assert_string_equal(d.root->string, cases[i].string);
        cd_json_free(&d);
    }
}

/* In the header of safetensors the bytes may end behind any digit of a number. */
static void unsigned_integers_may_end_the_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
        const char *sentence; /* NULL: it is read */
    } cases[] = {
        { "0", 0, NULL },
        { "7", 7, NULL },
        { "18446744073709551615", UINT64_MAX, NULL },
        { "12,", 12, NULL },
        { "18446744073709551616", 0, "the integer here does not fit 64 bits" },
        { "184467440737095516150", 0, "the integer here does not fit 64 bits" },
        { "07", 0, "an integer begins with 0" },
        { "7.", 0, "an integer must stand here" },
        { "7e", 0, "an integer must stand here" },
        { "7E1", 0, "an integer must stand here" },
        { "-7", 0, "an unsigned integer must stand here" },
        { "", 0, "an unsigned integer must stand here" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_bytes bytes;
        cd_bytes_borrow(&bytes, "test", cases[i].text, strlen(cases[i].text));
        cd_cursor json = cd_cursor_over(&bytes);
        uint64_t value = 77;
        bool read = cd_json_unsigned(&json, &value);
        assert_that(read == !cases[i].sentence, "%s", cases[i].text);
        assert_true(value == (read ? cases[i].value : 77));
        if (!read) assert_failed_with(CD_ERR_FORMAT, cases[i].sentence);
    }
}

static void strings_say_whether_they_hold_a_nul(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool has_nul;
        size_t decoded;
    } cases[] = { { "\"ab\"", false, 2 },
                  { "\"\\u0000\"", true, 1 },
                  { "\"\\u0000\\u0000a\"", true, 3 },
                  { "\"\\u0000\\u0061\"", true, 2 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_bytes bytes;
        cd_bytes_borrow(&bytes, "test", cases[i].text, strlen(cases[i].text));
        cd_cursor json = cd_cursor_over(&bytes);
        cd_json_text text;
        char into[4] = "...";
        assert_true(cd_json_string(&json, &text));
        assert_int_equal(text.has_nul, cases[i].has_nul);
        assert_int_equal(text.decoded_size, cases[i].decoded);
        assert_int_equal(cd_json_decode_into(&text, into, sizeof into), !cases[i].has_nul);
        assert_string_equal(into, cases[i].has_nul ? "..." : "ab");
        assert_false(cd_json_decode_into(&text, into, text.decoded_size)); /* no room for the NUL */
    }
}

/* Texts of 1 MiB, the longest that a card may have: one of brackets only, one of members. They use
 * up no stack, no time, and no more memory than json_tree_internal.h says. */
static void deep_and_wide_texts_are_read(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 32);
    memset(text, '[', SIZE / 2);
    memset(text + SIZE / 2, ']', SIZE / 2);
    text[SIZE] = '\0';
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_peak;
    cd_json_document d;
    assert_true(cd_json_parse(&d, "test", text, CD_ERR_FORMAT));
    assert_int_equal(d.root->span, SIZE / 2);
    cd_json_free(&d);
    size_t used = 0;
    for (int i = 0; used < SIZE; i++) {
        used += (size_t)sprintf(text + used, "%c\"%x\":0", i ? ',' : '{', (unsigned)i);
    }
    (void)strcpy(text + used, "}");
    assert_true(cd_json_parse(&d, "test", text, CD_ERR_FORMAT));
    assert_that(cd_memory_stats().bytes_peak - before < (size_t)24 << 20, "%zu bytes",
                cd_memory_stats().bytes_peak - before);
    cd_json_free(&d);
    (void)strcpy(text + used, ",\"1f\":1}");
    assert_false(cd_json_parse(&d, "test", text, CD_ERR_FORMAT));
    assert_failed_with(CD_ERR_FORMAT, "the key \"1f\" twice");
    free(text);
}

static void no_memory_to_read_is_an_error_of_memory(void **state)
{
    (void)state;
    char *text;
    assert_true(write_something(&text));
    bool done = false;
    int64_t n = 0;
    for (; !done; n++) {
        cd_json_document d;
        allowed = n;
        cd_memory_fault_hook = fail_after;
        done = cd_json_parse(&d, "test", text, CD_ERR_ARGUMENT);
        cd_memory_fault_hook = NULL;
        cd_json_free(&d);
        if (!done) assert_failed_with(CD_ERR_MEMORY, "");
    }
    assert_int_equal(n, 3); /* two allocations, the text and its values; the third run succeeds */
    cd_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_bit_of_a_number_comes_back),
        TEST(numbers_have_no_more_digits_than_they_need),
        TEST(odd_strings_come_back),
        TEST(a_text_is_never_handed_out_with_something_missing),
        TEST(a_text_longer_than_it_may_be_is_none),
        TEST(values_are_found_by_key),
        TEST(what_is_no_json_is_refused),
        TEST(what_is_json_is_taken),
        TEST(escapes_become_utf8),
        TEST(unsigned_integers_may_end_the_bytes),
        TEST(strings_say_whether_they_hold_a_nul),
        TEST(deep_and_wide_texts_are_read),
        TEST(no_memory_to_read_is_an_error_of_memory),
    };
    return RUN(tests);
}
