/* What every test file starts from: CMocka, asserts that print both values, and where data lie.
 *
 * A test file is a list of functions `static void what_it_shows(void **state)` and ends in
 *     int main(void) { const struct CMUnitTest tests[] = { TEST(what_it_shows), ... };
 *                      return RUN(tests); }
 * TEST checks after each function that no error is pending and nothing has leaked. */
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

/* CMocka's assert_float_equal passes for NaN and narrows to float; this one does neither. Equal
 * infinities and two NaNs are close. */
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

/* A check that says what was wrong, printf-like, and survives a release build. */
#define assert_that(condition_, ...)                                                               \
    do {                                                                                           \
        if (!(condition_)) {                                                                       \
            print_error(__VA_ARGS__);                                                              \
            print_error("\n");                                                                     \
            _fail(__FILE__, __LINE__);                                                             \
        }                                                                                          \
    } while (0)

/* The error that is pending has this code and holds this text; clears it. */
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

/* No error is pending; prints it if there is one. */
static inline void test_ok(const char *file, int line)
{
    cd_error error;
    if (!cd_error_take(&error)) return;
    print_error("unexpected %s: %s\n", cd_code_name(error.code), error.message);
    _fail(file, line);
}
#define assert_ok() test_ok(__FILE__, __LINE__)

/* What this is built with: gcc says it by a macro, clang by a feature. */
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

/* Each test is one allocation count at its start and the same at its end, inside a scope. */
int test_setup(void **state);
int test_teardown(void **state);
#define TEST(function_) cmocka_unit_test_setup_teardown(function_, test_setup, test_teardown)

/* Runs and gives main's exit status. CMocka returns 0 when a filter leaves nothing, so none run
 * is 1. */
#define RUN(tests_)     test_run((tests_), sizeof(tests_) / sizeof(*(tests_)))
int test_run(const struct CMUnitTest *tests, size_t count);

/* The path of a file below the project's tests/ ("golden/x.npz"), or below the shared data that are
 * not part of the project ("data/photos/eagle.jpg": in $CANDELA_SHARED, or ../shared beside the
 * project). The result is one static buffer per call site's use: copy it to keep it. test_shared
 * skips the running test by name when the file is not there. */
const char *test_path(const char *name);
const char *test_shared(const char *name);

/* A fresh folder for the running test, removed with what it holds after it. */
const char *test_folder(void);
/* Writes `size` bytes to `name` in that folder; returns the path, one static buffer. */
const char *test_write(const char *name, const void *bytes, size_t size);

#endif
