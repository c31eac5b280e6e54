/* Arithmetic of two operands at the limits of their dtypes, and where it has no gradient. */
#include "test.h"

#include "autograd/binary.h"
#include "autograd/logic.h"
#include "autograd/product_ops.h"
#include "core/tensor.h"

#define INTEGERS(dtype_, ...)                                                                      \
    cd_to(cd_from_array(((int64_t[]){ __VA_ARGS__ }),                                              \
                        CD_SHAPE((int64_t)(sizeof((int64_t[]){ __VA_ARGS__ }) / 8)),               \
                        .dtype = CD_I64),                                                          \
          (dtype_))
#define REALS(...)                                                                                 \
    cd_from_array(((float[]){ __VA_ARGS__ }),                                                      \
                  CD_SHAPE((int64_t)(sizeof((float[]){ __VA_ARGS__ }) / 4)))
#define EXPECT(y_, dtype_, ...) expect((y_), INTEGERS(dtype_, __VA_ARGS__), #y_)
#define TRUNC                   .rounding_mode = CD_ROUND_TRUNC
#define FLOOR                   .rounding_mode = CD_ROUND_FLOOR

/* Dtype and elements. */
static void expect(cd_tensor *y, cd_tensor *right, const char *what)
{
    assert_ok();
    assert_that(cd_dtype_of(y) == cd_dtype_of(right) && cd_equal(y, right),
                "%s: another value than expected", what);
}

static void quotients_round_down_or_towards_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    for (cd_dtype dtype = CD_F32; dtype <= CD_I32; dtype++) {
        cd_tensor *a = INTEGERS(dtype, 7, -7, 7, -7, 6, 0),
                  *b = INTEGERS(dtype, 2, 2, -2, -2, -3, 5);
        EXPECT(cd_div(a, b, TRUNC), dtype, 3, -3, -3, 3, -2, 0);
        EXPECT(cd_div(a, b, FLOOR), dtype, 3, -4, -4, 3, -2, 0);
        EXPECT(cd_floor_divide(a, b), dtype, 3, -4, -4, 3, -2, 0);
        EXPECT(cd_remainder(a, b), dtype, 1, 1, -1, -1, 0, 0);
        EXPECT(cd_fmod(a, b), dtype, 1, -1, 1, -1, 0, 0);
    }
    EXPECT(cd_remainder(INTEGERS(CD_U8, 200, 255), INTEGERS(CD_U8, 7, 16)), CD_U8, 4, 15);
    EXPECT(cd_div(INTEGERS(CD_U8, 200, 255), 300, FLOOR), CD_U8, 4, 5); /* 300 wraps to 44 */
}

static void the_least_integer_divided_by_minus_one_wraps(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *wide = INTEGERS(CD_I64, INT64_MIN, INT64_MIN), *narrow = INTEGERS(CD_I32, INT32_MIN);
    cd_tensor *by = INTEGERS(CD_I64, -1, 3), *minus = INTEGERS(CD_I32, -1);
    EXPECT(cd_div(wide, by, TRUNC), CD_I64, INT64_MIN, INT64_MIN / 3);
    EXPECT(cd_div(wide, by, FLOOR), CD_I64, INT64_MIN, INT64_MIN / 3 - 1);
    EXPECT(cd_remainder(wide, by), CD_I64, 0, 1);
    EXPECT(cd_fmod(wide, by), CD_I64, 0, -2);
    EXPECT(cd_div(narrow, minus, TRUNC), CD_I32, INT32_MIN);
    EXPECT(cd_remainder(narrow, minus), CD_I32, 0);
}

static void common_divisors_and_multiples(void **state)
{
    (void)state;
    CD_SCOPE();
    const int64_t least = INT64_MIN;
    EXPECT(cd_gcd(INTEGERS(CD_I64, -12, 0, 5, least, least, 6, least),
                  INTEGERS(CD_I64, 18, 0, 0, least, 0, -4, 6)),
           CD_I64, 6, 0, 5, least, least, 2, -2);
    EXPECT(cd_lcm(INTEGERS(CD_I64, -12, 0, 5, least, 6, (int64_t)1 << 40, least),
                  INTEGERS(CD_I64, 18, 0, 0, 1, -4, ((int64_t)1 << 40) - 1, 7)),
           CD_I64, 36, 0, 0, least, 12, (int64_t)1 << 40, least);
    EXPECT(cd_gcd(INTEGERS(CD_I32, INT32_MIN, INT32_MIN), INTEGERS(CD_I32, 0, 6)), CD_I32,
           INT32_MIN, -2);
    EXPECT(cd_lcm(INTEGERS(CD_I32, 1 << 30, INT32_MIN), INTEGERS(CD_I32, 3, 3)), CD_I32, 1 << 30,
           INT32_MIN);
    EXPECT(cd_gcd(INTEGERS(CD_U8, 12, 200), INTEGERS(CD_U8, 18, 150)), CD_U8, 6, 50);
    EXPECT(cd_lcm(INTEGERS(CD_U8, 12, 200), INTEGERS(CD_U8, 18, 150)), CD_U8, 36, 88);
}

static void factors_wrap_as_their_dtype_does(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *bytes = INTEGERS(CD_U8, 1, 254, 0), *truth = cd_eq(bytes, 1);
    EXPECT(cd_add(bytes, bytes, .alpha = 2), CD_U8, 3, 250, 0);
    EXPECT(cd_add(bytes, bytes, .alpha = -1), CD_U8, 0, 0, 0);
    EXPECT(cd_sub(bytes, 1, .alpha = 2), CD_U8, 255, 252, 254);
    EXPECT(cd_rsub(bytes, 1), CD_U8, 0, 3, 1);
    EXPECT(cd_sub(INTEGERS(CD_I64, 0), 1, .alpha = -0x1p63), CD_I64, INT64_MIN);
    EXPECT(cd_add(truth, cd_logical_not(truth), .alpha = 2), CD_BOOL, 1, 1, 1);
    EXPECT(cd_add(truth, cd_logical_not(truth), .alpha = CD_ZERO), CD_BOOL, 1, 0, 0);
    EXPECT(cd_addcmul(bytes, bytes, bytes, .value = 2.5), CD_U8, 3, 6, 0);
    EXPECT(cd_add(REALS(1, 2), REALS(4, 6), .alpha = 0.5), CD_F32, 3, 5);
    assert_true(isnan(cd_item(cd_sum(cd_add(1, REALS(NAN), .alpha = CD_ZERO)))));
}

static void a_scale_of_two_that_is_no_float_itself(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *y =
        cd_ldexp(REALS(0x1p-100f, 1, 3, 0, 1), INTEGERS(CD_I64, 140, -149, 127, 500, 400));
    expect(y, REALS(0x1p40f, 0x1p-149f, INFINITY, 0, INFINITY), "ldexp");
    cd_tensor *far = INTEGERS(CD_I64, 20000, -20000, 20000, -20000, INT64_MAX, INT64_MIN);
    expect(cd_ldexp(REALS(0, INFINITY, 1, 1, 0, -INFINITY), far),
           REALS(0, INFINITY, INFINITY, 0, 0, -INFINITY), "ldexp");
    expect(cd_ldexp(REALS(4, 1), REALS(0.5f, -1)), REALS(4 * 1.41421354f, 0.5f), "ldexp");
    assert_true(isnan(cd_item(cd_ldexp(REALS(0), REALS(INFINITY)))));
}

/* A sum of powers whose logarithm is near 0, where log(1 + e) would lose the digits of e. */
static void logaddexp_keeps_small_results(void **state)
{
    (void)state;
    for (double d = 0; d < 80; d += 0.37) {
        CD_SCOPE();
        const float b = (float)-d;
        const double right = log1p(exp((double)b));
        const double y = cd_item(cd_logaddexp(REALS(0), REALS(b)));
        assert_that(fabs(y - right) <= 3e-7 * right, "logaddexp(0, %g) is %g, expected %g", -d, y,
                    right);
    }
}

static void no_bias_where_beta_is_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *nan = cd_full(CD_SHAPE(2), NAN), *a = cd_ones(CD_SHAPE(2, 3)), *b = cd_t(a);
    expect(cd_addmm(nan, a, b, .beta = CD_ZERO), cd_full(CD_SHAPE(2, 2), 3), "addmm");
    expect(cd_addmm(nan, cd_ones(CD_SHAPE(2, 0)), cd_ones(CD_SHAPE(0, 2)), .beta = CD_ZERO),
           cd_zeros(CD_SHAPE(2, 2)), "addmm");
}

static void addmm_in_place_of_its_own_factors(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(150, 150)), *right = cd_addmm(x, x, x, .alpha = 2);
    expect(cd_addmm_(x, x, x, .alpha = 2), right, "addmm_");
}

static void what_pytorch_has_no_gradient_for(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_tensor *y = cd_floor_divide(x, 2), *z = cd_heaviside(x, x);
    assert_string_equal(cd_grad_fn_name(y), "NotImplemented");
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "floor_divide: it has no gradient");
    assert_false(cd_backward(cd_sum(z)));
    assert_failed_with(CD_ERR_AUTOGRAD, "heaviside: it has no gradient");
    assert_null(cd_grad(x));
}

/* PyTorch's gradient of xlogy with a number: NaN is not above 0. */
static void xlogy_of_zero_with_nan_has_the_slope_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_zeros(CD_SHAPE(1), .requires_grad = true);
    assert_true(cd_backward(cd_sum(cd_xlogy(x, NAN))));
    assert_true(cd_item(cd_grad(x)) == 0);
}

/* The same op has another node with a number. */
static void nodes_are_named_as_pytorchs(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true);
#define NODE(y_, name_) assert_string_equal(cd_grad_fn_name(y_), name_)
    NODE(cd_div(x, x, TRUNC), "DivBackward2");
    NODE(cd_remainder(x, 2), "RemainderBackward0");
    NODE(cd_remainder(x, x), "RemainderBackward1");
    NODE(cd_fmod(x, 2), "FmodBackward0");
    NODE(cd_fmod(x, x), "FmodBackward1");
    NODE(cd_xlogy(x, x), "XlogyBackward0");
    NODE(cd_xlogy(2, x), "XlogyBackward1");
    NODE(cd_xlogy(x, 2), "XlogyBackward2");
    NODE(cd_copysign(x, x), "CopysignBackward0");
    NODE(cd_copysign(x, 1), "CopysignBackward1");
    NODE(cd_lerp(x, x, 0.5), "LerpBackward0");
    NODE(cd_lerp(x, x, x), "LerpBackward1");
    NODE(cd_rsub(x, x), "RsubBackward0");
    NODE(cd_rsub(x, 1), "RsubBackward1");
    NODE(cd_add(x, x, .alpha = 2), "AddBackward0");
#undef NODE
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(quotients_round_down_or_towards_zero),
        TEST(the_least_integer_divided_by_minus_one_wraps),
        TEST(common_divisors_and_multiples),
        TEST(factors_wrap_as_their_dtype_does),
        TEST(a_scale_of_two_that_is_no_float_itself),
        TEST(logaddexp_keeps_small_results),
        TEST(no_bias_where_beta_is_zero),
        TEST(addmm_in_place_of_its_own_factors),
        TEST(what_pytorch_has_no_gradient_for),
        TEST(xlogy_of_zero_with_nan_has_the_slope_zero),
        TEST(nodes_are_named_as_pytorchs),
    };
    return RUN(tests);
}
