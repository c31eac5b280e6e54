/* CD_OPERAND in the macros of ops: every arithmetic type, deep nesting. The last tests compile this
 * file with gcc and clang and many warnings, and limit the time that takes. */
#include "test.h"

#include <limits.h>
#include <time.h>

#include "autograd/index_ops.h"
#include "autograd/ops.h"

enum colour { RED, GREEN = 3 };

static void every_arithmetic_type(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(2), .dtype = CD_F64), *sum = x;
    char c = 1;
    signed char sc = 1;
    unsigned char uc = 1;
    short s = 1;
    unsigned short us = 1;
    int i = 1;
    unsigned u = 1;
    long l = 1;
    unsigned long ul = 1;
    long long ll = 1;
    unsigned long long ull = 1;
    float f = 1;
    double d = 1;
    long double ld = 1;
    bool b = true;
    size_t size = 1;
    ptrdiff_t difference = 1;
    enum colour colour = GREEN;
    sum = cd_add(cd_add(cd_add(cd_add(sum, c), sc), uc), s);
    sum = cd_add(cd_add(cd_add(cd_add(sum, us), i), u), l);
    sum = cd_add(cd_add(cd_add(cd_add(sum, ul), ll), ull), f);
    sum = cd_add(cd_add(cd_add(cd_add(sum, d), ld), b), size);
    sum = cd_add(cd_add(cd_add(sum, difference), colour), 'a' - 96);
    assert_close(cd_item(cd_sum(sum)), 2 * (17 + 3 + 1), 0, 0);
}

/* A number above the largest int64 becomes the nearest double. */
static void large_unsigned_numbers_stay_positive(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(2), .dtype = CD_F64);
    const unsigned long long max = ULLONG_MAX, beyond = (unsigned long long)INT64_MAX + 1;
    assert_close(cd_item(cd_index(cd_add(x, max), 0)), 0x1p64, 0, 0);
    assert_close(cd_item(cd_index(cd_add(x, beyond), 1)), 0x1p63, 0, 0);
    assert_close(cd_item(cd_index(cd_add(x, (size_t)INT64_MAX), 1)), 0x1p63, 0, 0);
    assert_int_equal(cd_item(cd_sum(cd_ge(x, max))), 0);
}

static void an_operand_is_evaluated_once(void **state)
{
    (void)state;
    int i = 0;
    cd_tensor *y = cd_add(cd_ones(CD_SCALAR), i++);
    y = cd_mul(cd_add(y, 0), i += 4);
    assert_int_equal(i, 5);
    assert_close(cd_item(y), 5, 0, 0);
}

static void const_tensors_and_null(void **state)
{
    (void)state;
    const cd_tensor *x = cd_ones(CD_SHAPE(2));
    const void *untyped = x;
    assert_close(cd_item(cd_sum(cd_add(x, untyped))), 4, 0, 0);
    assert_null(cd_add(x, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "add: b is NULL");
    assert_null(cd_sub(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "sub: a is NULL");
}

#define FOUR(x_) cd_mul(cd_add(cd_mul(cd_add(x_, 0), 4), 0), 1)

static void sixteen_levels(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SCALAR, .dtype = CD_F64);
    cd_tensor *y = FOUR(FOUR(FOUR(FOUR(x))));
    cd_tensor *both = cd_add(cd_mul(cd_add(x, cd_mul(x, cd_sub(x, cd_add(x, cd_mul(x, x))))),
                                    cd_sub(cd_add(x, x), cd_mul(x, cd_add(x, cd_neg(x))))),
                             cd_where(cd_lt(x, 2), cd_add(x, 1), cd_sub(1, x)));
    assert_close(cd_item(y), 256, 0, 0);
    assert_close(cd_item(both), 2, 0, 0);
}

static void large_unsigned_numbers_are_doubles(void **state)
{
    (void)state;
    cd_operand o = CD_OPERAND(UINT64_MAX);
    assert_int_equal(o.kind, CD_OPERAND_DOUBLE);
    assert_close(o.number, 18446744073709551615.0, 0, 0);
    o = CD_OPERAND(INT64_MIN);
    assert_int_equal(o.kind, CD_OPERAND_INTEGER);
    assert_true(o.integer == INT64_MIN);
}

static void modes_and_scopes_in_one_block(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    CD_ENABLE_GRAD();
    {
        CD_SCOPE();
        CD_NO_GRAD();
        assert_false(cd_grad_enabled());
    }
    assert_true(cd_grad_enabled());
}

/* --- compiling this file ---------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void compile_with(const char *compiler)
{
    enum { MAX_SECONDS = 20 };
    char command[12000], folder[4096];
    (void)snprintf(folder, sizeof folder, "%s", test_path(".."));
    (void)snprintf(command, sizeof command, "command -v %s >/dev/null", compiler);
    if (system(command) != 0) {
        print_message("SKIPPED: %s is not there\n", compiler);
        skip();
    }
    (void)snprintf(command, sizeof command,
                   "%s -std=c11 -D_POSIX_C_SOURCE=200809L -fsyntax-only -Wall -Wextra -Wshadow "
                   "-Wconversion -pedantic -Werror -I'%s' '%s'",
                   compiler, folder, test_path("test_operands.c"));
    double start = seconds();
    assert_int_equal(system(command), 0);
    assert_true(seconds() - start < MAX_SECONDS);
}

static void gcc_gives_no_warning(void **state)
{
    (void)state;
    compile_with("gcc");
}

static void clang_gives_no_warning(void **state)
{
    (void)state;
    compile_with("clang");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_arithmetic_type),
        TEST(large_unsigned_numbers_stay_positive),
        TEST(an_operand_is_evaluated_once),
        TEST(const_tensors_and_null),
        TEST(sixteen_levels),
        TEST(large_unsigned_numbers_are_doubles),
        TEST(modes_and_scopes_in_one_block),
        TEST(gcc_gives_no_warning),
        TEST(clang_gives_no_warning),
    };
    return RUN(tests);
}
