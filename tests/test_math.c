/* The accuracy of our own functions of floats (core/cpu/math_internal.h and its relatives). */
#include "kernels.h"

#include "core/cpu/activation_internal.h"
#include "core/cpu/map_internal.h"
#include "core/cpu/math_internal.h"
#include "core/cpu/math_special_internal.h"

static double exact_sigmoid(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static double exact_cos(double x)
{
    return cos(x);
}

static double exact_rsqrt(double x)
{
    return 1 / sqrt(x);
}

/* The product is the float that the kernel computes. */
static double exact_sinc(double x)
{
    const double turn = (double)((float)x * 3.14159265f);
    return x == 0 ? 1 : sin(turn) / turn;
}

static double exact_logit(double x)
{
    return x > 0.25 && x < 1 ? log1p((2 * x - 1) / (1 - x)) : log(x / (1 - x));
}

static double exact_lgamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

/* The limits of logit. */
static const void *params_of(cd_map map)
{
    static const double none[] = { -INFINITY, INFINITY };
    return map == CD_MAP_logit ? none : NULL;
}

/* The largest error over one in 1021 of all floats, in units of the right result's last place. The
 * unit of a denormal result is the least denormal. */
static double worst_ulp(cd_map map, double (*exact)(double), const void *params)
{
    enum { BLOCK = 4096, STEP = 1021 };
    float x[BLOCK], y[BLOCK];
    char *data[] = { (char *)y, (char *)x };
    const int64_t stride[] = { 4, 4 };
    double worst = 0;
    for (uint64_t bits = 0; bits <= UINT32_MAX;) {
        for (int i = 0; i < BLOCK; i++, bits += STEP) {
            uint32_t low = (uint32_t)bits;
            memcpy(&x[i], &low, sizeof low);
        }
        cd_cpu_loop(map, CD_F32)(BLOCK, data, stride, params);
        for (int i = 0; i < BLOCK; i++) {
            double right = exact((double)x[i]);
            if (isnan(right) || isinf((float)right)) {
                float rounded = (float)right;
                assert_true(same_elements(&y[i], &rounded, CD_F32, 1));
                continue;
            }
            double unit = fabs(right) < 0x1p-126 ? 0x1p-149 : ldexp(1, ilogb(right) - 23);
            double error = fabs((double)y[i] - right) / unit;
            assert_true(error >= 0); /* not NaN */
            if (error > worst) worst = error;
        }
    }
    return worst;
}

static void expect_accuracy_with(cd_map map, double (*exact)(double), double bound,
                                 const void *params)
{
    for (int build = 0; build < WIDE_BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) continue;
        double worst = worst_ulp(map, exact, params);
        assert_that(worst <= bound, "%s: %.3f ulp, more than %g", every_build[build], worst, bound);
    }
}

static void expect_accuracy(cd_map map, double (*exact)(double), double bound)
{
    expect_accuracy_with(map, exact, bound, params_of(map));
}

static void exp_is_within_an_ulp(void **state)
{
    (void)state;
    expect_accuracy(CD_MAP_exp, exp, 1.0);
}

/* Over one in 1021 of the floats that are not positive. This function is the portable build's; the
 * test of sigmoid uses both builds' of it. */
static void scaled_exp_is_within_two_ulp(void **state)
{
    (void)state;
    for (uint32_t bits = 0x80000000; bits <= 0xff800000 - 1021; bits += 1021) {
        const float x = cd_float_of_bits(bits), y = cd_exp_scaledf(x);
        const double right = exp((double)x) * 0x1p64;
        if (x < -105) {
            assert_true(y > 0 && y * 0x1p-64f == 0);
            continue;
        }
        const double error = fabs((double)y - right) / ldexp(1, ilogb(right) - 23);
        assert_that(error <= 1.25, "%.9g: %.3f ulp", (double)x, error);
    }
    assert_true(cd_exp_scaledf(0) == 0x1p64f);
    assert_true(cd_exp_scaledf(-INFINITY) * 0x1p-64f == 0);
    assert_true(isnan(cd_exp_scaledf(NAN)));
    assert_true(isnan(cd_exp_scaledf(cd_float_of_bits(0xffffffff))));
}

static void log_is_within_an_ulp(void **state)
{
    (void)state;
    expect_accuracy(CD_MAP_log, log, 1.0);
}

static void tanh_is_within_two_ulp(void **state)
{
    (void)state;
    expect_accuracy(CD_MAP_tanh, tanh, 1.5);
}

static void sigmoid_is_within_two_ulp(void **state)
{
    (void)state;
    expect_accuracy(CD_MAP_sigmoid, exact_sigmoid, 2.0);
}

/* libm's functions of double are exact enough, and have the right limits. */
static void other_functions_are_within_two_ulp(void **state)
{
    (void)state;
    static const struct {
        cd_map map;
        double (*exact)(double);
        double bound;
    } functions[] = {
        { CD_MAP_sin, sin, 1.25 },
        { CD_MAP_cos, exact_cos, 1.25 },
        { CD_MAP_tan, tan, 1.25 },
        { CD_MAP_asin, asin, 1.9 },
        { CD_MAP_acos, acos, 1.25 },
        { CD_MAP_atan, atan, 1.5 },
        { CD_MAP_sinh, sinh, 1.5 },
        { CD_MAP_cosh, cosh, 1.5 },
        { CD_MAP_asinh, asinh, 1.5 },
        { CD_MAP_acosh, acosh, 1.5 },
        { CD_MAP_atanh, atanh, 1.5 },
        { CD_MAP_exp2, exp2, 1.5 },
        { CD_MAP_expm1, expm1, 1.5 },
        { CD_MAP_log2, log2, 1.75 },
        { CD_MAP_log10, log10, 1.75 },
        { CD_MAP_log1p, log1p, 1.5 },
        { CD_MAP_rsqrt, exact_rsqrt, 1.5 },
        { CD_MAP_sinc, exact_sinc, 2 },
        { CD_MAP_erf, erf, 1.5 },
        { CD_MAP_erfc, erfc, 0.75 },
        { CD_MAP_lgamma, exact_lgamma, 0.75 },
        { CD_MAP_digamma, cd_digamma_of, 0.75 },
        { CD_MAP_erfinv, cd_erfinv_of, 1.5 },
        { CD_MAP_logit, exact_logit, 1.5 },
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        expect_accuracy(functions[i].map, functions[i].exact, functions[i].bound);
    }
}

/* --- functions of two floats ------------------------------------------------------------------ */

enum { PAIRS = 4096, ROUNDS_OF_PAIRS = 100 };

static uint32_t next_bits(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed ^ *seed >> 15;
}

/* Fills a and b with any floats at all, with floats near 1, and with whole numbers, in turn; of the
 * first kind every eighth is special. */
static void fill_pairs(uint32_t *seed, float *a, float *b)
{
    static const float special[] = { 0,        -0.0f,     1,    -1,     2,           -3,     0.5f,
                                     INFINITY, -INFINITY, NAN,  1e-40f, 16777215.0f, -2.5f,  3e38f,
                                     1e-38f,   -1e-45f,   2.5f, -0.5f,  33554432.0f, -1e30f, 7 };
    const uint32_t specials = sizeof special / sizeof *special;
    for (int i = 0; i < PAIRS; i++) {
        float *const pair[] = { &a[i], &b[i] };
        for (int k = 0; k < 2; k++) {
            const uint32_t bits = next_bits(seed);
            const float small = (float)((int32_t)bits >> 12);
            *pair[k] = i % 3 == 0   ? cd_float_of_bits(bits)
                       : i % 3 == 1 ? small / 65536.0f
                                    : (float)((int32_t)bits >> 24);
            if (i % 24 < 3 && bits % 3) *pair[k] = special[bits / 3 % specials];
        }
    }
}

/* The largest error of a map of two floats, in units in the last place; signs of zeros count. */
static double worst_of_pairs(cd_map map, double (*exact)(double, double))
{
    static float a[PAIRS], b[PAIRS], y[PAIRS];
    char *data[] = { (char *)y, (char *)a, (char *)b };
    const int64_t stride[] = { 4, 4, 4 };
    double worst = 0;
    uint32_t seed = 1;
    for (int round = 0; round < ROUNDS_OF_PAIRS; round++) {
        fill_pairs(&seed, a, b);
        cd_cpu_loop(map, CD_F32)(PAIRS, data, stride, NULL);
        for (int i = 0; i < PAIRS; i++) {
            const double right = exact((double)a[i], (double)b[i]);
            const float rounded = (float)right;
            if (isnan(right) || isinf(rounded) || rounded == 0) {
                const bool same = isnan(right) ? isnan(y[i])
                                  : fabs(right) >= 0x1p-150 || right == 0
                                      ? y[i] == rounded && !signbit(y[i]) == !signbit(rounded)
                                      : fabsf(y[i]) <= 0x1p-149f;
                assert_that(same, "of %a and %a: %a, expected %a", (double)a[i], (double)b[i],
                            (double)y[i], right);
                continue;
            }
            const double unit = fabs(right) < 0x1p-126 ? 0x1p-149 : ldexp(1, ilogb(right) - 23);
            const double error = fabs((double)y[i] - right) / unit;
            assert_true(error >= 0);
            if (error > worst) worst = error;
        }
    }
    return worst;
}

static double exact_remainder(double a, double b)
{
    const double left = fmod(a, b);
    return left != 0 && (b < 0) != (left < 0) ? (double)((float)left + (float)b) : left;
}

/* By the steps that PyTorch takes, in float. */
static double exact_floor_divide(double x, double y)
{
    const float a = (float)x, b = (float)y, left = fmodf(a, b);
    if (b == 0) return (double)(a / b);
    float nearly = (a - left) / b;
    if (left != 0 && (b < 0) != (left < 0)) nearly -= 1;
    if (nearly == 0) return (double)copysignf(0, a / b);
    const float whole = floorf(nearly);
    return (double)(nearly - whole > 0.5f ? whole + 1 : whole);
}

/* fmod is exact, and so are remainder and floor_divide, given their steps. */
static void functions_of_two_floats_are_accurate(void **state)
{
    (void)state;
    static const struct {
        cd_map map;
        double (*exact)(double, double);
        double bound;
    } functions[] = {
        { CD_MAP_pow, pow, 0.51 },
        { CD_MAP_atan2, atan2, 2 },
        { CD_MAP_fmod, fmod, 0 },
        { CD_MAP_remainder, exact_remainder, 0 },
        { CD_MAP_div_floor, exact_floor_divide, 0 },
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        for (int build = 0; build < WIDE_BUILDS; build++) {
            if (!cd_cpu_force(every_build[build])) continue;
            const double worst = worst_of_pairs(functions[i].map, functions[i].exact);
            assert_that(worst <= functions[i].bound, "function %d, %s: %.3f ulp, more than %g",
                        (int)i, every_build[build], worst, functions[i].bound);
        }
    }
}

/* --- activations: the bounds are those of the portable build, which rounds more often --------- */

static double exact_silu(double x)
{
    return x < 0 ? x * exp(x) / (1 + exp(x)) : x / (1 + exp(-x));
}

static double exact_mish(double x)
{
    const double e = exp(-fabs(x));
    return x < 0 ? x * e * (e + 2) / (e * (e + 2) + 2) : x * (1 + 2 * e) / (1 + 2 * e + 2 * e * e);
}

static double exact_gelu(double x)
{
    return x * (erfc(x * -0.70710678118654752) / 2);
}

static double exact_softplus(double x)
{
    return x > 20 ? x : (x < 0 ? 0 : x) + log1p(exp(-fabs(x)));
}

static double exact_logsigmoid(double x)
{
    return (x < 0 ? x : 0) - log1p(exp(-fabs(x)));
}

static double exact_elu(double x)
{
    return x <= 0 ? expm1(x) : x;
}

static void silu_and_mish_are_within_a_few_ulp(void **state)
{
    (void)state;
    expect_accuracy(CD_MAP_silu, exact_silu, 2.25);
    expect_accuracy(CD_MAP_mish, exact_mish, 2.75);
}

static void gelu_is_within_seven_ulp(void **state)
{
    (void)state;
    expect_accuracy(CD_MAP_gelu, exact_gelu, 6.5);
}

static void softplus_and_logsigmoid_are_within_a_few_ulp(void **state)
{
    (void)state;
    const cd_softplus_numbers numbers = { .beta = 1, .threshold = 20 };
    expect_accuracy_with(CD_MAP_softplus, exact_softplus, 2.25, &numbers);
    expect_accuracy(CD_MAP_logsigmoid, exact_logsigmoid, 2.25);
}

static void elu_is_within_an_ulp(void **state)
{
    (void)state;
    const cd_elu_numbers numbers = { .alpha = 1, .scale = 1, .input_scale = 1 };
    expect_accuracy_with(CD_MAP_elu, exact_elu, 1.0, &numbers);
}

/* The sum over k >= 0 of (x + k)^-s, for s from 11 on, where so many terms are enough. */
static double exact_zeta(double s, double x)
{
    double sum = 0;
    for (int k = 4000; k >= 0; k--) sum += pow(x + k, -s);
    return sum;
}

/* Between whole numbers below 0 all terms but those from 1 - x on cancel if the order is even. */
static void polygamma_of_high_orders(void **state)
{
    (void)state;
    static const int orders[] = { 10, 11, 20, 50, 100 };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        const int n = orders[i];
        const double factor = (n % 2 ? 1 : -1) * tgamma(n + 1);
        for (double x = 0.25; x < 40; x += 0.25) {
            const double y = cd_polygamma_of(n, x), right = factor * exact_zeta(n + 1, x);
            assert_that(fabs(y / right - 1) < 1e-12, "order %d at %g: %.17g, expected %.17g", n, x,
                        y, right);
        }
        for (double x = -0.5; x > -40 && n % 2 == 0; x -= 1) {
            const double y = cd_polygamma_of(n, x), right = factor * exact_zeta(n + 1, 1 - x);
            assert_that(fabs(y / right - 1) < 1e-12, "order %d at %g: %.17g, expected %.17g", n, x,
                        y, right);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(exp_is_within_an_ulp),
        TEST(scaled_exp_is_within_two_ulp),
        TEST(log_is_within_an_ulp),
        TEST(tanh_is_within_two_ulp),
        TEST(sigmoid_is_within_two_ulp),
        TEST(other_functions_are_within_two_ulp),
        TEST(functions_of_two_floats_are_accurate),
        TEST(silu_and_mish_are_within_a_few_ulp),
        TEST(gelu_is_within_seven_ulp),
        TEST(softplus_and_logsigmoid_are_within_a_few_ulp),
        TEST(elu_is_within_an_ulp),
        TEST(polygamma_of_high_orders),
    };
    return RUN(tests);
}
