/* softmax and log_softmax, forward and backward. */
#include "kernels.h"

#include "core/cpu/softmax_internal.h"

enum { MOST = 20000 };
static double x[MOST], y[MOST], dy[MOST];

typedef void forward_kernel(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *x,
                            void *y);

/* The formulas in double, one row at a time. */
static void reference(bool logarithm, int64_t n, int64_t step, const double *in, double *out)
{
    double most = -INFINITY, total = 0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, in[i * step]);
    for (int64_t i = 0; i < n; i++) total += exp(in[i * step] - most);
    for (int64_t i = 0; i < n; i++) {
        double shifted = in[i * step] - most;
        out[i * step] = logarithm ? shifted - log(total) : exp(shifted) / total;
    }
}

static void reference_backward(bool logarithm, int64_t n, int64_t step, const double *result,
                               const double *slope, double *out)
{
    double total = 0;
    for (int64_t i = 0; i < n; i++) {
        total += slope[i * step] * (logarithm ? 1 : result[i * step]);
    }
    for (int64_t i = 0; i < n; i++) {
        double r = result[i * step], s = slope[i * step];
        out[i * step] = logarithm ? s - exp(r) * total : r * (s - total);
    }
}

static void convert(const double *in, cd_dtype dtype, int64_t n, void *out)
{
    for (int64_t i = 0; i < n; i++) set_element(out, dtype, i, in[i]);
}

static void expect(const void *actual, cd_dtype dtype, const double *right, int64_t n)
{
    double tolerance = dtype == CD_F32 ? 1.3e-6 : 1e-13;
    for (int64_t i = 0; i < n; i++) {
        assert_close(get_element(actual, dtype, i), right[i], tolerance, tolerance);
    }
}

static void check(bool logarithm, cd_dtype dtype, int64_t outer, int64_t n, int64_t inner)
{
    static double right[MOST], in[MOST], slope[MOST], out[MOST];
    const int64_t all = outer * n * inner;
    for (int64_t i = 0; i < all; i++) {
        x[i] = (double)(float)(4 * random_real());
        dy[i] = (double)(float)random_real();
    }
    for (int64_t o = 0; o < outer; o++) {
        for (int64_t k = 0; k < inner; k++) {
            int64_t row = o * n * inner + k;
            reference(logarithm, n, inner, x + row, y + row);
        }
    }
    convert(x, dtype, all, in);
    (logarithm ? cd_cpu_log_softmax : cd_cpu_softmax)(dtype, outer, n, inner, in, out);
    expect(out, dtype, y, all);

    for (int64_t o = 0; o < outer; o++) {
        for (int64_t k = 0; k < inner; k++) {
            int64_t row = o * n * inner + k;
            reference_backward(logarithm, n, inner, y + row, dy + row, right + row);
        }
    }
    convert(y, dtype, all, in);
    convert(dy, dtype, all, slope);
    (logarithm ? cd_cpu_log_softmax_backward : cd_cpu_softmax_backward)(dtype, outer, n, inner, in,
                                                                        slope, out);
    expect(out, dtype, right, all);
}

static void check_shapes(bool logarithm)
{
    static const int64_t shapes[][3] = { { 1, 1, 1 },     { 3, 7, 1 },    { 2, 10, 1 },
                                         { 5, 17, 3 },    { 1, 1300, 1 }, { 2, 3, 130 },
                                         { 1, 16, 1000 }, { 4, 33, 128 } };
    for (int build = 0; build < BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) continue;
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            check(logarithm, CD_F32, shapes[s][0], shapes[s][1], shapes[s][2]);
            check(logarithm, CD_F64, shapes[s][0], shapes[s][1], shapes[s][2]);
        }
    }
}

static void softmax_is_its_formula(void **state)
{
    (void)state;
    check_shapes(false);
}

static void log_softmax_is_its_formula(void **state)
{
    (void)state;
    check_shapes(true);
}

/* The same two numbers along the last dimension, and along the first in two columns. */
static void expect_pair(forward_kernel *kernel, float a, float b, float first, float second)
{
    const float row[] = { a, b }, columns[] = { a, a, b, b };
    const float right[] = { first, second }, right_columns[] = { first, first, second, second };
    float out[4];
    for (int build = 0; build < BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) continue;
        kernel(CD_F32, 1, 2, 1, row, out);
        assert_true(same_elements(out, right, CD_F32, 2));
        kernel(CD_F32, 1, 2, 2, columns, out);
        assert_true(same_elements(out, right_columns, CD_F32, 4));
    }
}

static void softmax_of_special_values(void **state)
{
    (void)state;
    expect_pair(cd_cpu_softmax, 1, INFINITY, NAN, NAN);
    expect_pair(cd_cpu_softmax, -INFINITY, -INFINITY, NAN, NAN);
    expect_pair(cd_cpu_softmax, 1e4f, 1e4f, 0.5f, 0.5f);
    expect_pair(cd_cpu_softmax, 0, -INFINITY, 1, 0);
    expect_pair(cd_cpu_softmax, NAN, 1, NAN, NAN);
    expect_pair(cd_cpu_softmax, 3e38f, -3e38f, 1, 0);
}

static void log_softmax_of_special_values(void **state)
{
    (void)state;
    expect_pair(cd_cpu_log_softmax, 1e4f, 0, 0, -10000);
    expect_pair(cd_cpu_log_softmax, INFINITY, 0, NAN, NAN);
    expect_pair(cd_cpu_log_softmax, 0, -INFINITY, 0, -INFINITY);
    expect_pair(cd_cpu_log_softmax, 1, NAN, NAN, NAN);
}

/* With any payload: its bits must not get into an exponent. */
static void every_nan_stays_nan(void **state)
{
    (void)state;
    enum { N = 40 };
    static const uint32_t payloads[] = { 0x7fc00000, 0x7fffffff, 0xffc00001, 0x7f800001,
                                         0x7fc000ff };
    for (size_t p = 0; p < sizeof payloads / sizeof *payloads; p++) {
        for (int position = 0; position < N; position += 13) {
            float in[N] = { 0 }, out[N];
            memcpy(&in[position], &payloads[p], sizeof *in);
            cd_cpu_softmax(CD_F32, 1, N, 1, in, out);
            for (int i = 0; i < N; i++) assert_true(isnan(out[i]));
        }
    }
}

/* Results of elements far below the maximum are denormal, and further below 0. */
static void small_results_are_denormal(void **state)
{
    (void)state;
    static const float far[] = { -80, -87, -88, -95, -103, -103.9f, -104.1f, -120, -1e30f };
    for (int build = 0; build < BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) continue;
        for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
            const float in[2] = { 0, far[i] };
            float out[2];
            cd_cpu_softmax(CD_F32, 1, 2, 1, in, out);
            const double right = exp((double)far[i]);
            const double unit = right < 0x1p-126 ? 0x1p-149 : right * 0x1p-23;
            assert_true(out[0] == 1);
            assert_that(fabs((double)out[1] - right) <= 1.5 * unit, "%g: %g, not %g",
                        (double)far[i], (double)out[1], right);
        }
    }
}

static void nothing_is_done_for_no_elements(void **state)
{
    (void)state;
    cd_cpu_softmax(CD_F32, 0, 3, 1, NULL, NULL);
    cd_cpu_softmax(CD_F32, 3, 0, 1, NULL, NULL);
    cd_cpu_log_softmax_backward(CD_F64, 3, 2, 0, NULL, NULL, NULL);
}

static void the_result_may_take_the_place_of_the_input(void **state)
{
    (void)state;
    enum { N = 1500 };
    for (int64_t inner = 1; inner <= 3; inner += 2) {
        for (int k = 0; k < 2; k++) {
            forward_kernel *kernel = k ? cd_cpu_log_softmax : cd_cpu_softmax;
            float in[N], out[N];
            fill_random(in, CD_F32, N, false);
            kernel(CD_F32, 1, N / inner, inner, in, out);
            kernel(CD_F32, 1, N / inner, inner, in, in);
            assert_memory_equal(in, out, sizeof in);
        }
    }
}

static void results_are_the_same_for_any_number_of_threads(void **state)
{
    (void)state;
    enum { N = 200 * 301 };
    float *in = malloc(N * sizeof *in), *out = malloc(N * sizeof *in),
          *first = malloc(N * sizeof *in);
    fill_random(in, CD_F32, N, false);
    static const int64_t shapes[][3] = { { 200, 301, 1 }, { 1, 200, 301 }, { 50, 4, 301 } };
    for (int s = 0; s < 3; s++) {
        for (int t = 0; t < THREAD_COUNTS; t++) {
            assert_true(cd_set_num_threads(thread_counts[t]));
            cd_cpu_log_softmax(CD_F32, shapes[s][0], shapes[s][1], shapes[s][2], in, out);
            cd_cpu_softmax_backward(CD_F32, shapes[s][0], shapes[s][1], shapes[s][2], in, out, out);
            if (t == 0) memcpy(first, out, N * sizeof *in);
            assert_memory_equal(out, first, N * sizeof *in);
        }
    }
    free(in);
    free(out);
    free(first);
}

/* Many rows on all threads, where each row prefetches the next: they have the same bits as each row
 * by itself. */
static void check_large(forward_kernel *kernel, int64_t n, bool in_place)
{
    const int64_t rows = 9000000 / n;
    const size_t bytes = (size_t)(rows * n) * sizeof(float);
    float *in = malloc(bytes), *out = in_place ? in : malloc(bytes);
    float *row = malloc((size_t)n * sizeof *row), *last = malloc((size_t)n * sizeof *last);
    for (int64_t i = 0; i < rows * n; i++) in[i] = (float)(i % 8191) * 1e-3f;
    memcpy(last, in + (rows - 1) * n, (size_t)n * sizeof *last);
    kernel(CD_F32, rows, n, 1, in, out);
    kernel(CD_F32, 1, n, 1, last, row);
    assert_memory_equal(out + (rows - 1) * n, row, (size_t)n * sizeof *row);
    for (int64_t r = 0; r < rows && !in_place; r += 1 + rows / 97) {
        kernel(CD_F32, 1, n, 1, in + r * n, row);
        assert_memory_equal(out + r * n, row, (size_t)n * sizeof *row);
    }
    free(in);
    if (!in_place) free(out);
    free(row);
    free(last);
}

static void large_results_are_those_of_each_row(void **state)
{
    (void)state;
    check_large(cd_cpu_softmax, 4096, false);
    check_large(cd_cpu_log_softmax, 1003, false);
    check_large(cd_cpu_softmax, 10, false);
    check_large(cd_cpu_softmax, 5000, false);
    check_large(cd_cpu_softmax, 4096, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(softmax_is_its_formula),
        TEST(log_softmax_is_its_formula),
        TEST(softmax_of_special_values),
        TEST(log_softmax_of_special_values),
        TEST(every_nan_stays_nan),
        TEST(small_results_are_denormal),
        TEST(nothing_is_done_for_no_elements),
        TEST(the_result_may_take_the_place_of_the_input),
        TEST(results_are_the_same_for_any_number_of_threads),
        TEST(large_results_are_those_of_each_row),
    };
    return RUN(tests);
}
