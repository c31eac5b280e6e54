/* What every test file includes: CMocka, further asserts, and paths of test data.
 *
 * A test file has functions `static void what_it_shows(void **state)`, and ends with
 *
 *     int main(void)
 *     {
 *         const struct CMUnitTest tests[] = { TEST(what_it_shows), ... };
 *         return RUN(tests);
 *     }
 *
 * After each function TEST checks that no error is pending and that nothing has leaked. */
#ifndef CANDELA_TESTS_TEST_H
#define CANDELA_TESTS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/error.h"
#include "core/memory.h"

/* Asserts |actual - expected| <= atol + rtol |expected|, in double. Equal infinities are
 * close, and so are two NaNs. (CMocka's assert_float_equal compares floats, and a NaN with
 * any number passes.) */
static inline void test_close(double actual, double expected, double rtol, double atol,
                              const char *what, const char *file, int line)
{
    if (actual == expected || (isnan(actual) && isnan(expected))) return;
    if (fabs(actual - expected) <= atol + rtol * fabs(expected)) return;
    print_error("%s is %.17g, expected %.17g (rtol %g, atol %g)\n", what, actual, expected, rtol,
                atol);
    _fail(file, line);
}
#define assert_close(actual_, expected_, rtol_, atol_)                                             \
    test_close((actual_), (expected_), (rtol_), (atol_), #actual_, __FILE__, __LINE__)

/* An assert with a message, which is formatted as by printf. Not disabled by NDEBUG. */
#define assert_that(condition_, ...)                                                               \
    do {                                                                                           \
        if (!(condition_)) {                                                                       \
            print_error(__VA_ARGS__);                                                              \
            print_error("\n");                                                                     \
            _fail(__FILE__, __LINE__);                                                             \
        }                                                                                          \
    } while (0)

/* Asserts that the pending error has this code and a message that contains this text; clears it. */
static inline void test_failed_with(cd_code code, const char *text, const char *file, int line)
{
    cd_error error;
    cd_error_take(&error);
    if (error.code == code && strstr(error.message, text)) return;
    print_error("expected %s with \"%s\", but it is %s \"%s\"\n", cd_code_name(code), text,
                cd_code_name(error.code), error.message);
    _fail(file, line);
}
#define assert_failed_with(code_, text_) test_failed_with((code_), (text_), __FILE__, __LINE__)

/* Asserts that no error is pending; prints it if there is one. */
static inline void test_ok(const char *file, int line)
{
    cd_error error;
    if (!cd_error_take(&error)) return;
    print_error("unexpected %s: %s\n", cd_code_name(error.code), error.message);
    _fail(file, line);
}
#define assert_ok() test_ok(__FILE__, __LINE__)

/* Which sanitizer this is built with: gcc defines a macro, clang a feature. */
#if defined(__SANITIZE_ADDRESS__)
#define TEST_ADDRESS_SANITIZER 1
#elif defined(__SANITIZE_THREAD__)
#define TEST_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_ADDRESS_SANITIZER 1
#elif __has_feature(thread_sanitizer)
#define TEST_THREAD_SANITIZER 1
#endif
#endif

/* Run before each test: opens a scope. */
int test_setup(void **state);
/* Run after each test: closes the scope. The test fails if an error is pending, or if it leaves an
 * object, a block of memory or an open file. */
int test_teardown(void **state);
#define TEST(function_) cmocka_unit_test_setup_teardown(function_, test_setup, test_teardown)

/* Runs the tests and returns main's exit status: 0 if all passed, 1 otherwise, also for no tests at
 * all. */
#define RUN(tests_)     test_run((tests_), sizeof(tests_) / sizeof(*(tests_)))
int test_run(const struct CMUnitTest *tests, size_t count);

/* The path of a file in the project's folder tests/, such as "golden/random.txt". In a static
 * buffer, which the next call overwrites. */
const char *test_path(const char *name);
/* The path of a file that is not part of the project, such as "data/photos/eagle.jpg", in the
 * folder $CANDELA_SHARED, or ../shared beside the project. Skips the running test, and prints the
 * path, if the file does not exist. The result is valid for the next three calls. */
const char *test_shared(const char *name);

/* An empty folder for the running test. It is removed, with its contents, at the end of the
 * test. */
const char *test_folder(void);
/* Writes a file to that folder and returns its path, which is valid for the next three calls. */
const char *test_write(const char *name, const void *bytes, size_t size);

#endif
