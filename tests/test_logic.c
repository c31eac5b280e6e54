/* Logical and bitwise ops at the limits of their dtypes, comparisons in place, and nearness. */
#include "test.h"

#include "autograd/logic.h"
#include "core/tensor.h"

#define INTEGERS(dtype_, ...)                                                                      \
    cd_to(cd_from_array(((int64_t[]){ __VA_ARGS__ }),                                              \
                        CD_SHAPE((int64_t)(sizeof((int64_t[]){ __VA_ARGS__ }) / 8)),               \
                        .dtype = CD_I64),                                                          \
          (dtype_))
#define REALS(...)                                                                                 \
    cd_from_array(((float[]){ __VA_ARGS__ }),                                                      \
                  CD_SHAPE((int64_t)(sizeof((float[]){ __VA_ARGS__ }) / 4)))
#define EXPECT(y_, ...) expect((y_), INTEGERS(CD_I64, __VA_ARGS__), #y_)

static void expect(cd_tensor *y, cd_tensor *right, const char *what)
{
    assert_ok();
    assert_that(cd_equal(cd_to(y, CD_I64), right), "%s: another value than expected", what);
}

static void shifts_by_the_width_and_by_negative_numbers(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *by = INTEGERS(CD_I64, 0, 1, 62, 63, 64, 65, -1, -64, INT64_MIN);
    cd_tensor *minus = INTEGERS(CD_I64, -5, -5, -5, -5, -5, -5, -5, -5, -5);
    EXPECT(cd_bitwise_left_shift(minus, by), -5, -10, -0x4000000000000000, INT64_MIN, 0, 0, 0, 0,
           0);
    EXPECT(cd_bitwise_right_shift(minus, by), -5, -3, -1, -1, -1, -1, -1, -1, -1);
    EXPECT(cd_bitwise_right_shift(cd_neg(minus), by), 5, 2, 0, 0, 0, 0, 0, 0, 0);
    cd_tensor *narrow = INTEGERS(CD_I32, 30, 31, 32, -1), *bytes = INTEGERS(CD_U8, 0, 7, 8, 255);
    EXPECT(cd_bitwise_left_shift(cd_full(CD_SHAPE(4), 3, .dtype = CD_I32), narrow), -0x40000000,
           INT32_MIN, 0, 0);
    EXPECT(cd_bitwise_right_shift(cd_full(CD_SHAPE(4), -3, .dtype = CD_I32), narrow), -1, -1, -1,
           -1);
    EXPECT(cd_bitwise_left_shift(cd_full(CD_SHAPE(4), 251, .dtype = CD_U8), bytes), 251, 128, 0, 0);
    EXPECT(cd_bitwise_right_shift(cd_full(CD_SHAPE(4), 251, .dtype = CD_U8), bytes), 251, 1, 0, 0);
}

static void a_number_counts_with_its_low_bits(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *bytes = INTEGERS(CD_U8, 1, 254, 0), *narrow = INTEGERS(CD_I32, 1, -2, 0);
    EXPECT(cd_bitwise_and(bytes, 300), 0, 44, 0);
    EXPECT(cd_bitwise_or(bytes, -1), 255, 255, 255);
    EXPECT(cd_bitwise_xor(narrow, (int64_t)1 << 40), 1, -2, 0);
    EXPECT(cd_bitwise_not(bytes), 254, 1, 255);
    assert_int_equal(cd_dtype_of(cd_bitwise_and(cd_eq(bytes, 1), 1)), CD_I64);
    assert_int_equal(cd_dtype_of(cd_bitwise_and(cd_eq(bytes, 1), (bool)true)), CD_BOOL);
    assert_ok();
}

static void nan_and_minus_zero_as_truths(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = REALS(NAN, -0.0f, INFINITY, 1e-45f), *one = REALS(1, 1, 1, 1);
    EXPECT(cd_logical_and(x, one), 1, 0, 1, 1);
    EXPECT(cd_logical_or(x, cd_zeros(CD_SHAPE(4))), 1, 0, 1, 1);
    EXPECT(cd_logical_xor(x, one), 0, 1, 0, 0);
    EXPECT(cd_logical_not(x), 0, 1, 0, 0);
}

static void comparisons_in_place_compare_as_promoted(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT(cd_lt_(cd_arange(3), 0.5), 1, 0, 0);
    EXPECT(cd_eq_(INTEGERS(CD_U8, 1, 44), 300), 0, 1);
    EXPECT(cd_ge_(cd_eq(cd_arange(3), 1), 0.5), 0, 1, 0);
    EXPECT(cd_ne_(REALS(NAN, 1), REALS(NAN, 1)), 1, 0);
    cd_tensor *x = cd_arange(3);
    EXPECT(cd_gt_(x, cd_narrow(x, 0, 1, 1)), 0, 0, 1);
    assert_int_equal(cd_dtype_of(x), CD_I64);
    assert_int_equal(cd_version(x), 1);
}

static void the_history_after_a_logical_op_in_place(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *leaf = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_tensor *x = cd_logical_not_(cd_add(leaf, 1)), *y = cd_eq_(cd_add(leaf, 1), 2);
    assert_string_equal(cd_grad_fn_name(x), "AddBackward0");
    assert_string_equal(cd_grad_fn_name(y), "EqBackward0");
    assert_true(cd_backward(cd_sum(y)));
    EXPECT(cd_grad(leaf), 0, 0);
}

static void nearness_at_the_edges(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *a = REALS(1, 1, INFINITY, INFINITY, NAN, 1);
    cd_tensor *b = REALS(1, 1.0001f, INFINITY, -INFINITY, NAN, INFINITY);
    EXPECT(cd_isclose(a, b), 1, 0, 1, 0, 0, 0);
    EXPECT(cd_isclose(a, b, .rtol = 1e-3, .equal_nan = true), 1, 1, 1, 0, 1, 0);
    EXPECT(cd_isclose(a, b, .atol = INFINITY), 1, 1, 1, 0, 0, 0);
    EXPECT(cd_isclose(REALS(0), REALS(1e-9f)), 1);
    EXPECT(cd_isclose(REALS(0), REALS(1e-9f), .atol = CD_ZERO), 0);
    cd_tensor *wide = INTEGERS(CD_I64, (int64_t)1 << 62, INT64_MIN);
    cd_tensor *next = INTEGERS(CD_I64, ((int64_t)1 << 62) + 1, INT64_MAX);
    EXPECT(cd_isclose(wide, next, .atol = CD_ZERO), 1, 0);
    EXPECT(cd_isclose(wide, next, .rtol = CD_ZERO, .atol = CD_ZERO), 0, 0);
    EXPECT(cd_isclose(wide, wide, .rtol = CD_ZERO, .atol = CD_ZERO), 1, 1);
    EXPECT(cd_isclose(INTEGERS(CD_U8, 0, 255), INTEGERS(CD_U8, 255, 254), .atol = 2), 0, 1);
    EXPECT(cd_isclose(cd_arange(2), cd_add(cd_arange(2), 1), .rtol = CD_ZERO, .atol = 1), 1, 1);
}

static void equal_and_allclose(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = REALS(1, 2), *nan = REALS(NAN);
    assert_true(cd_equal(x, cd_clone(x)) && cd_equal(x, INTEGERS(CD_I64, 1, 2)));
    assert_true(cd_equal(REALS(0), REALS(-0.0f)) &&
                cd_equal(cd_zeros(CD_SHAPE(0)), cd_zeros(CD_SHAPE(0))));
    assert_false(cd_equal(x, REALS(1, 3)) ||
                 cd_equal(cd_ones(CD_SHAPE(2, 1)), cd_ones(CD_SHAPE(2))));
    assert_false(cd_equal(nan, nan) || cd_allclose(nan, nan));
    assert_true(cd_allclose(nan, nan, .equal_nan = true) && cd_allclose(x, REALS(1.000001f, 2)));
    assert_true(cd_allclose(cd_ones(CD_SHAPE(2, 1)), cd_ones(CD_SHAPE(3))));
    assert_false(cd_allclose(x, REALS(1.1f, 2)));
    assert_ok();
    assert_false(cd_equal(x, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "b is NULL");
    assert_false(cd_allclose(x, cd_zeros(CD_SHAPE(3))));
    assert_failed_with(CD_ERR_SHAPE, "(2)");
    assert_false(cd_equal(cd_empty(CD_SHAPE(2), .device = CD_META), x));
    assert_failed_with(CD_ERR_DEVICE, "meta");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shifts_by_the_width_and_by_negative_numbers),
        TEST(a_number_counts_with_its_low_bits),
        TEST(nan_and_minus_zero_as_truths),
        TEST(comparisons_in_place_compare_as_promoted),
        TEST(the_history_after_a_logical_op_in_place),
        TEST(nearness_at_the_edges),
        TEST(equal_and_allclose),
    };
    return RUN(tests);
}
