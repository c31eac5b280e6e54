/* Elementwise maps and conversions. */
#include "kernels.h"

#include <float.h>

#include "core/cpu/map_internal.h"

/* --- maps of a few values with a known answer --- */

static void map_values(cd_map map, cd_dtype dtype, int64_t n, const void *a, const void *b,
                       const void *params, void *out)
{
    const int64_t size = (int64_t)cd_dtype_size(dtype), stride[] = { size, size, size };
    char *data[] = { (char *)out, (char *)(uintptr_t)a, (char *)(uintptr_t)b };
    cd_cpu_loop(map, dtype)(n, data, stride, params);
}

static void map_f32(cd_map map, int64_t n, const float *a, const float *b, const void *params,
                    float *out)
{
    map_values(map, CD_F32, n, a, b, params, out);
}

/* Checks a map for f32 and f64. The expected values are exact in both. */
static void expect_both(cd_map map, int64_t n, const float *a, const float *b, const void *params,
                        const float *expected)
{
    enum { MOST = 64 };
    double a64[MOST], b64[MOST], expected64[MOST];
    assert_true(n <= MOST);
    for (int64_t i = 0; i < n; i++) {
        a64[i] = (double)a[i];
        b64[i] = b ? (double)b[i] : 0;
        expected64[i] = (double)expected[i];
    }
    for (int build = 0; build < WIDE_BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) continue;
        float out[MOST];
        double out64[MOST];
        map_values(map, CD_F32, n, a, b, params, out);
        assert_true(same_elements(out, expected, CD_F32, n));
        map_values(map, CD_F64, n, a64, b ? b64 : NULL, params, out64);
        assert_true(same_elements(out64, expected64, CD_F64, n));
    }
}

static void relu_keeps_nan_and_the_sign_of_zero(void **state)
{
    (void)state;
    const float x[] = { NAN, -INFINITY, INFINITY, -0.0f, 0.0f, -2, 3 };
    const float y[] = { NAN, 0, INFINITY, -0.0f, 0, 0, 3 };
    expect_both(CD_MAP_relu, 7, x, NULL, NULL, y);
}

/* The least number for -infinity is the default, another number for infinity is not: then numbers
 * above it stay as they are. */
static void nan_to_num_replaces_each_by_its_own(void **state)
{
    (void)state;
    const float x[] = { NAN, -INFINITY, INFINITY, -0.0f, 1, -2, 3 };
    const float y[] = { 0.5f, -FLT_MAX, 2, -0.0f, 1, -2, 3 };
    const cd_replacements least = { 0.5, 2, -FLT_MAX }, greatest = { 0.5, FLT_MAX, -1 };
    expect_both(CD_MAP_nan_to_num, 7, x, NULL, &least, y);
    const float z[] = { 0.5f, -1, FLT_MAX, -0.0f, 1, -2, 3 };
    expect_both(CD_MAP_nan_to_num, 7, x, NULL, &greatest, z);
}

static void gradient_of_relu_passes_at_nan_and_not_at_zero(void **state)
{
    (void)state;
    const float dy[] = { 5, 5, 5, 5, 5, 5 }, x[] = { NAN, 0, -0.0f, 1, -1, INFINITY };
    const float dx[] = { 5, 0, 0, 5, 0, 5 };
    expect_both(CD_MAP_relu_backward, 6, dy, x, NULL, dx);
}

static void maximum_and_minimum_pass_nan_on(void **state)
{
    (void)state;
    const float a[] = { 1, NAN, NAN, 1, -INFINITY, 0.0f, -0.0f };
    const float b[] = { NAN, 1, NAN, 2, 3, -0.0f, 0.0f };
    const float most[] = { NAN, NAN, NAN, 2, 3, 0.0f, -0.0f };
    const float least[] = { NAN, NAN, NAN, 1, -INFINITY, 0.0f, -0.0f };
    expect_both(CD_MAP_maximum, 7, a, b, NULL, most);
    expect_both(CD_MAP_minimum, 7, a, b, NULL, least);
}

static void clamp_passes_nan_and_takes_either_bound(void **state)
{
    (void)state;
    const float x[] = { NAN, -5, 0.5f, 5, INFINITY };
    const cd_bounds both = { .has_min = true, .has_max = true, .max.real = 1 };
    const cd_bounds low = { .has_min = true }, high = { .has_max = true, .max.real = 1 },
                    none = { 0 };
    const cd_bounds crossed = { .has_min = true, .min.real = 3, .has_max = true, .max.real = 2 };
    expect_both(CD_MAP_clamp, 5, x, NULL, &both, (const float[]){ NAN, 0, 0.5f, 1, 1 });
    expect_both(CD_MAP_clamp, 5, x, NULL, &low, (const float[]){ NAN, 0, 0.5f, 5, INFINITY });
    expect_both(CD_MAP_clamp, 5, x, NULL, &high, (const float[]){ NAN, -5, 0.5f, 1, 1 });
    expect_both(CD_MAP_clamp, 5, x, NULL, &none, x);
    expect_both(CD_MAP_clamp, 5, x, NULL, &crossed, (const float[]){ NAN, 2, 2, 2, 2 });
}

static void gradient_of_clamp_is_zero_at_the_bounds(void **state)
{
    (void)state;
    const float dy[] = { 2, 2, 2, 2, 2, 2 }, x[] = { NAN, 0, 1, 0.5f, -1, 1.5f };
    const cd_bounds both = { .has_min = true, .has_max = true, .max.real = 1 };
    expect_both(CD_MAP_clamp_backward, 6, dy, x, &both, (const float[]){ 0, 0, 0, 2, 0, 0 });
    const float far[] = { INFINITY, -INFINITY };
    const cd_bounds low = { .has_min = true }, high = { .has_max = true };
    expect_both(CD_MAP_clamp_backward, 2, dy, far, &low, (const float[]){ 2, 0 });
    expect_both(CD_MAP_clamp_backward, 2, dy, far, &high, (const float[]){ 0, 2 });
}

static void sign_and_roots_at_the_edges(void **state)
{
    (void)state;
    const float x[] = { NAN, -0.0f, 4, -4, INFINITY, -INFINITY };
    expect_both(CD_MAP_sign, 6, x, NULL, NULL, (const float[]){ 0, 0, 1, -1, 1, -1 });
    expect_both(CD_MAP_sqrt, 6, x, NULL, NULL,
                (const float[]){ NAN, -0.0f, 2, NAN, INFINITY, NAN });
    expect_both(CD_MAP_rsqrt, 6, x, NULL, NULL,
                (const float[]){ NAN, -INFINITY, 0.5f, NAN, 0, NAN });
    expect_both(CD_MAP_reciprocal, 6, x, NULL, NULL,
                (const float[]){ NAN, -INFINITY, 0.25f, -0.25f, 0, -0.0f });
    expect_both(CD_MAP_abs, 6, x, NULL, NULL, (const float[]){ NAN, 0, 4, 4, INFINITY, INFINITY });
}

static void exp_log_tanh_sigmoid_at_the_edges(void **state)
{
    (void)state;
    const float x[] = { NAN, INFINITY, -INFINITY, 0, -0.0f, 1e30f, -1e30f };
    expect_both(CD_MAP_exp, 7, x, NULL, NULL,
                (const float[]){ NAN, INFINITY, 0, 1, 1, INFINITY, 0 });
    expect_both(CD_MAP_log, 5, x, NULL, NULL,
                (const float[]){ NAN, INFINITY, NAN, -INFINITY, -INFINITY });
    expect_both(CD_MAP_tanh, 7, x, NULL, NULL, (const float[]){ NAN, 1, -1, 0, -0.0f, 1, -1 });
    expect_both(CD_MAP_sigmoid, 7, x, NULL, NULL, (const float[]){ NAN, 1, 0, 0.5f, 0.5f, 1, 0 });
}

static void powers_to_a_number_and_to_numbers(void **state)
{
    (void)state;
    float x[] = { -2, 3, 0, NAN, -0.0f }, exponents[] = { 2, 3, -1, 0.5f, 0 }, out[5], wide[5];
    char *data[] = { (char *)out, (char *)x, NULL };
    for (int e = 0; e < 5; e++) {
        data[2] = (char *)&exponents[e];
        cd_cpu_loop(CD_MAP_pow, CD_F32)(5, data, (const int64_t[]){ 4, 4, 0 }, NULL);
        for (int i = 0; i < 5; i++) wide[i] = powf(x[i], exponents[e]);
        assert_true(same_elements(out, wide, CD_F32, 5));
    }
}

static void integer_powers_are_torchs(void **state)
{
    (void)state;
    int64_t base[] = { 0, 1, -1, 2, -2, 3, -1, 7 }, exponent[] = { -1, -3, -3, -1, -1, 4, -2, 0 };
    int64_t out[8], expected[] = { 0, 1, -1, 0, 0, 81, 1, 1 };
    char *data[] = { (char *)out, (char *)base, (char *)exponent };
    cd_cpu_loop(CD_MAP_pow, CD_I64)(8, data, (const int64_t[]){ 8, 8, 8 }, NULL);
    assert_memory_equal(out, expected, sizeof out);
}

static void integers_wrap(void **state)
{
    (void)state;
    int32_t a[] = { INT32_MAX, INT32_MIN, 65536 }, b[] = { 1, -1, 65536 }, out[3];
    char *data[] = { (char *)out, (char *)a, (char *)b };
    const int64_t stride[] = { 4, 4, 4 };
    cd_cpu_loop(CD_MAP_add, CD_I32)(3, data, stride, NULL);
    assert_int_equal(out[0], INT32_MIN);
    assert_int_equal(out[1], INT32_MAX);
    cd_cpu_loop(CD_MAP_mul, CD_I32)(3, data, stride, NULL);
    assert_int_equal(out[2], 0);
    cd_cpu_loop(CD_MAP_neg, CD_I32)(3, data, stride, NULL);
    assert_int_equal(out[1], INT32_MIN);
    cd_cpu_loop(CD_MAP_abs, CD_I32)(3, data, stride, NULL);
    assert_int_equal(out[1], INT32_MIN);
}

static void where_chooses_by_element(void **state)
{
    (void)state;
    for (int k = 0; k < DTYPES; k++) {
        cd_dtype dtype = every_dtype[k];
        int64_t size = (int64_t)cd_dtype_size(dtype);
        int64_t out[32], a[32], b[32];
        uint8_t condition[32];
        fill_random(a, dtype, 32, true);
        fill_random(b, dtype, 32, true);
        fill_random(condition, CD_BOOL, 32, false);
        char *data[] = { (char *)out, (char *)condition, (char *)a, (char *)b };
        for (int step = 0; step < 2; step++) { /* b as it is, and its first element repeated */
            const int64_t stride[] = { size, 1, size, step ? 0 : size };
            cd_cpu_loop(CD_MAP_where, dtype)(32, data, stride, NULL);
            for (int i = 0; i < 32; i++) {
                const char *from =
                    condition[i] ? (char *)a + i * size : (char *)b + (step ? 0 : i * size);
                assert_memory_equal((char *)out + i * size, from, (size_t)size);
            }
        }
    }
}

static void fill_writes_through_strides(void **state)
{
    (void)state;
    int32_t out[9] = { 0 }, value = -7;
    char *data[] = { (char *)out };
    cd_cpu_loop(CD_MAP_fill, CD_I32)(3, data, (const int64_t[]){ 12 }, &value);
    assert_memory_equal(out, ((const int32_t[]){ -7, 0, 0, -7, 0, 0, -7, 0, 0 }), sizeof out);
}

static void bools_are_added_by_or_and_multiplied_by_and(void **state)
{
    (void)state;
    uint8_t a[] = { 0, 0, 1, 1 }, b[] = { 0, 1, 0, 1 }, out[4];
    char *data[] = { (char *)out, (char *)a, (char *)b };
    const int64_t stride[] = { 1, 1, 1 };
    cd_cpu_loop(CD_MAP_mul, CD_BOOL)(4, data, stride, NULL);
    assert_memory_equal(out, ((const uint8_t[]){ 0, 0, 0, 1 }), 4);
    cd_cpu_loop(CD_MAP_add, CD_BOOL)(4, data, stride, NULL);
    assert_memory_equal(out, ((const uint8_t[]){ 0, 1, 1, 1 }), 4);
}

static void what_torch_refuses_has_no_loop(void **state)
{
    (void)state;
    assert_null(cd_cpu_loop(CD_MAP_exp, CD_I64));
    assert_null(cd_cpu_loop(CD_MAP_div, CD_I32));
    assert_null(cd_cpu_loop(CD_MAP_sub, CD_BOOL));
    assert_null(cd_cpu_loop(CD_MAP_neg, CD_BOOL));
    assert_null(cd_cpu_loop(CD_MAP_clamp, CD_BOOL));
    assert_null(cd_cpu_loop(CD_MAP_add, CD_DTYPE_DEFAULT));
    assert_null(cd_cpu_loop(CD_MAP_add, (cd_dtype)99));
    assert_null(cd_cpu_loop(CD_MAP_COUNT, CD_F32));
    assert_null(cd_cpu_convert_loop(CD_F32, CD_DTYPE_DEFAULT));
}

/* --- every map, dtype and stride: the builds against each other, and against single elements ---
 */

static bool gives_bool(cd_map map)
{
    return (map >= CD_MAP_eq && map <= CD_MAP_ge) ||
           (map >= CD_MAP_logical_and && map <= CD_MAP_isclose) ||
           (map >= CD_MAP_isnan && map <= CD_MAP_signbit);
}

/* Whether the portable build may differ from the others in the last bits. */
static bool is_approximate(cd_map map, cd_dtype dtype)
{
    if (dtype != CD_F32) return false;
    return map == CD_MAP_exp || map == CD_MAP_log || map == CD_MAP_tanh || map == CD_MAP_sigmoid ||
           (map >= CD_MAP_sin && map <= CD_MAP_log1p) || map == CD_MAP_sinc || map == CD_MAP_erf ||
           map == CD_MAP_erfc || map == CD_MAP_logaddexp || map == CD_MAP_xlogy ||
           map == CD_MAP_erfinv || map == CD_MAP_logit || map == CD_MAP_lgamma ||
           map == CD_MAP_pow || map == CD_MAP_atan2 ||
           (map >= CD_MAP_gelu && map <= CD_MAP_glu_gate_backward);
}

enum { LONGEST = 67, SPREAD = 3 };
typedef struct operands {
    _Alignas(64) char out[LONGEST * SPREAD * 8];
    _Alignas(64) char in[3][LONGEST * SPREAD * 8];
} operands;

static const void *params_of(cd_map map)
{
    static const cd_bounds bounds = { .has_min = true, .has_max = true, .max = { 1.5, 100 } };
    static const cd_scalar value = { 0.75, -3 };         /* for fill: bits of any dtype */
    static const double numbers[] = { 0.75, 0.5, 1.25 }; /* for activations */
    static const cd_closeness closeness = { 0.5, 0.25, true };
    static const double limits[] = { 0.1, 0.9 };
    static const cd_rounding tenths = { 10, false };
    static const cd_replacements replacements = { 0.5, 100, -3 };
    static const int order = 2;
    switch (map) {
    case CD_MAP_isclose:
        return &closeness;
    case CD_MAP_clamp:
    case CD_MAP_clamp_backward:
        return &bounds;
    case CD_MAP_logit:
        return limits;
    case CD_MAP_round_decimals:
        return &tenths;
    case CD_MAP_nan_to_num:
        return &replacements;
    case CD_MAP_polygamma:
        return &order;
    default:
        return map >= CD_MAP_gelu && map <= CD_MAP_glu_gate_backward ? (const void *)numbers
                                                                     : &value;
    }
}

static void check_map(cd_map map, cd_dtype dtype, int64_t n, const int64_t *steps)
{
    static operands o;
    static char results[WIDE_BUILDS + 1][sizeof o.out];
    enum { PORTABLE, AVX2, AVX512, SINGLE };
    cd_dtype out_dtype = gives_bool(map) ? CD_BOOL : dtype;
    int64_t size = (int64_t)cd_dtype_size(dtype), out_size = (int64_t)cd_dtype_size(out_dtype);
    for (int k = 0; k < 3; k++) fill_random(o.in[k], dtype, LONGEST * SPREAD, true);
    if (map == CD_MAP_where) fill_random(o.in[0], CD_BOOL, LONGEST * SPREAD, false);
    int64_t stride[] = { steps[0] * out_size, steps[1] * size, steps[2] * size, steps[2] * size };
    if (map == CD_MAP_where) stride[1] = steps[1];
    for (int build = 0; build <= WIDE_BUILDS; build++) {
        if (!cd_cpu_force(build == SINGLE ? "avx2" : every_build[build])) {
            if (build != AVX512) return;
            assert_true(cd_cpu_force("avx2")); /* its results stand for those of AVX-512 */
        }
        cd_loop *loop = cd_cpu_loop(map, dtype);
        memset(o.out, 0x5a, sizeof o.out);
        if (build != SINGLE) {
            char *data[] = { o.out, o.in[0], o.in[1], o.in[2] };
            loop(n, data, stride, params_of(map));
        } else {
            for (int64_t i = 0; i < n; i++) {
                char *data[] = { o.out + i * stride[0], o.in[0] + i * stride[1],
                                 o.in[1] + i * stride[2], o.in[2] + i * stride[3] };
                loop(1, data, stride, params_of(map));
            }
        }
        memcpy(results[build], o.out, sizeof o.out);
    }
    int64_t all = (int64_t)sizeof o.out / out_size;
    if (!is_approximate(map, dtype)) {
        assert_true(same_elements(results[PORTABLE], results[AVX2], out_dtype, all));
    }
    assert_true(same_elements(results[AVX2], results[AVX512], out_dtype, all));
    assert_true(same_elements(results[AVX2], results[SINGLE], out_dtype, all));
}

static void every_map_gives_the_same_whatever_build_and_strides(void **state)
{
    (void)state;
    static const int64_t steps[][3] = { { 1, 1, 1 }, { 1, 1, 0 }, { 1, 0, 1 }, { 1, 0, 0 },
                                        { 2, 1, 1 }, { 1, 3, 2 }, { 3, 2, 0 }, { 1, 1, 2 },
                                        { 1, 2, 1 }, { 1, 2, 0 } };
    for (cd_map map = 0; map < CD_MAP_COUNT; map++) {
        for (int k = 0; k < DTYPES; k++) {
            if (!cd_cpu_loop(map, every_dtype[k])) continue;
            for (int64_t n = 0; n <= LONGEST; n += n < 4 ? 1 : 9) {
                for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
                    check_map(map, every_dtype[k], n, steps[s]);
                }
            }
        }
    }
}

static void arithmetic_agrees_with_double(void **state)
{
    (void)state;
    enum { N = 1000 };
    float a[N], b[N], out[N];
    fill_random(a, CD_F32, N, true);
    fill_random(b, CD_F32, N, true);
    static const cd_map maps[] = { CD_MAP_add, CD_MAP_sub, CD_MAP_mul, CD_MAP_div };
    for (int m = 0; m < 4; m++) {
        map_f32(maps[m], N, a, b, NULL, out);
        for (int i = 0; i < N; i++) {
            double x = (double)a[i], y = (double)b[i];
            double right[] = { x + y, x - y, x * y, x / y };
            float rounded = (float)right[m];
            assert_true(same_elements(&out[i], &rounded, CD_F32, 1));
        }
    }
}

static void comparisons_are_those_of_c(void **state)
{
    (void)state;
    enum { N = 500 };
    double a[N], b[N];
    uint8_t out[N];
    fill_random(a, CD_F64, N, true);
    fill_random(b, CD_F64, N, true);
    for (int i = 0; i < N; i += 3) b[i] = a[i];
    char *data[] = { (char *)out, (char *)a, (char *)b };
    for (int m = 0; m < 6; m++) {
        cd_cpu_loop(CD_MAP_eq + (cd_map)m, CD_F64)(N, data, (const int64_t[]){ 1, 8, 8 }, NULL);
        for (int i = 0; i < N; i++) {
            bool right[] = { a[i] == b[i], a[i] != b[i], a[i]<b[i], a[i] <= b[i], a[i]> b[i],
                             a[i] >= b[i] };
            assert_int_equal(out[i], right[m]);
        }
    }
}

/* --- conversions --- */

static void floats_to_integers_at_the_edges(void **state)
{
    (void)state;
    float x[] = { 300, -1, NAN, 1e10f, -1e10f, 2.9f, -2.9f, INFINITY, 0.25f };
    enum { N = 9 };
    const uint8_t u8[] = { 44, 255, 0, 0, 0, 2, 254, 0, 0 },
                  truth[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    const int32_t i32[] = { 300, -1, INT32_MIN, INT32_MIN, INT32_MIN, 2, -2, INT32_MIN, 0 };
    const int64_t i64[] = { 300, -1, INT64_MIN, 10000000000, -10000000000, 2, -2, INT64_MIN, 0 };
    int64_t out[N];
    char *data[] = { (char *)out, (char *)x };
    for (int build = 0; build < BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) continue;
        cd_cpu_convert_loop(CD_F32, CD_U8)(N, data, (const int64_t[]){ 1, 4 }, NULL);
        assert_memory_equal(out, u8, sizeof u8);
        cd_cpu_convert_loop(CD_F32, CD_BOOL)(N, data, (const int64_t[]){ 1, 4 }, NULL);
        assert_memory_equal(out, truth, sizeof truth);
        cd_cpu_convert_loop(CD_F32, CD_I32)(N, data, (const int64_t[]){ 4, 4 }, NULL);
        assert_memory_equal(out, i32, sizeof i32);
        cd_cpu_convert_loop(CD_F32, CD_I64)(N, data, (const int64_t[]){ 8, 4 }, NULL);
        assert_memory_equal(out, i64, sizeof i64);
    }
}

static void doubles_at_the_limits_of_integers(void **state)
{
    (void)state;
    double x[] = { 2147483647.9, 2147483648.0, -2147483648.9, -2147483649.0, 0x1p63, -0x1p63 };
    int32_t narrow[6];
    int64_t wide[6];
    char *to_narrow[] = { (char *)narrow, (char *)x }, *to_wide[] = { (char *)wide, (char *)x };
    cd_cpu_convert_loop(CD_F64, CD_I32)(6, to_narrow, (const int64_t[]){ 4, 8 }, NULL);
    assert_int_equal(narrow[0], INT32_MAX);
    for (int i = 1; i < 6; i++) assert_int_equal(narrow[i], INT32_MIN);
    cd_cpu_convert_loop(CD_F64, CD_I64)(6, to_wide, (const int64_t[]){ 8, 8 }, NULL);
    assert_true(wide[3] == -2147483649 && wide[4] == INT64_MIN && wide[5] == INT64_MIN);
}

static void every_conversion_of_small_numbers_is_exact(void **state)
{
    (void)state;
    enum { N = 37 };
    for (int f = 0; f < DTYPES; f++) {
        for (int t = 0; t < DTYPES; t++) {
            cd_dtype from = every_dtype[f], to = every_dtype[t];
            int64_t in[2 * N], out[N];
            for (int step = 1; step <= 2; step++) {
                for (int i = 0; i < N; i++) set_element(in, from, i * step, i % 5);
                int64_t stride[] = { (int64_t)cd_dtype_size(to),
                                     step * (int64_t)cd_dtype_size(from) };
                char *data[] = { (char *)out, (char *)in };
                cd_cpu_convert_loop(from, to)(N, data, stride, NULL);
                for (int i = 0; i < N; i++) {
                    bool truth = from == CD_BOOL || to == CD_BOOL;
                    assert_true(get_element(out, to, i) == (truth ? i % 5 != 0 : i % 5));
                }
            }
        }
    }
}

static void an_output_may_be_an_input(void **state)
{
    (void)state;
    enum { N = 1003 };
    float a[N], b[N], out[N];
    fill_random(a, CD_F32, N, false);
    fill_random(b, CD_F32, N, false);
    for (int build = 0; build < BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) continue;
        map_f32(CD_MAP_mul, N, a, b, NULL, out);
        float in_place[N];
        memcpy(in_place, a, sizeof a);
        map_f32(CD_MAP_mul, N, in_place, b, NULL, in_place);
        assert_memory_equal(in_place, out, sizeof out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(relu_keeps_nan_and_the_sign_of_zero),
        TEST(nan_to_num_replaces_each_by_its_own),
        TEST(gradient_of_relu_passes_at_nan_and_not_at_zero),
        TEST(maximum_and_minimum_pass_nan_on),
        TEST(clamp_passes_nan_and_takes_either_bound),
        TEST(gradient_of_clamp_is_zero_at_the_bounds),
        TEST(sign_and_roots_at_the_edges),
        TEST(exp_log_tanh_sigmoid_at_the_edges),
        TEST(powers_to_a_number_and_to_numbers),
        TEST(integer_powers_are_torchs),
        TEST(integers_wrap),
        TEST(where_chooses_by_element),
        TEST(fill_writes_through_strides),
        TEST(bools_are_added_by_or_and_multiplied_by_and),
        TEST(what_torch_refuses_has_no_loop),
        TEST(every_map_gives_the_same_whatever_build_and_strides),
        TEST(arithmetic_agrees_with_double),
        TEST(comparisons_are_those_of_c),
        TEST(floats_to_integers_at_the_edges),
        TEST(doubles_at_the_limits_of_integers),
        TEST(every_conversion_of_small_numbers_is_exact),
        TEST(an_output_may_be_an_input),
    };
    return RUN(tests);
}
