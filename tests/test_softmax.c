/* softmax and log_softmax, forward and backward. */
#include "kernels.h"

#include "core/cpu/softmax_internal.h"

enum { MOST = 20000 };
static double x[MOST], y[MOST], dy[MOST];

typedef void forward_kernel(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *x,
                            void *y);

/* What the formulas say, in double, one row at a time. */
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
            int64_t at = o * n * inner + k;
            reference(logarithm, n, inner, x + at, y + at);
        }
    }
    convert(x, dtype, all, in);
    (logarithm ? cd_cpu_log_softmax : cd_cpu_softmax)(dtype, outer, n, inner, in, out);
    expect(out, dtype, y, all);

    for (int64_t o = 0; o < outer; o++) {
        for (int64_t k = 0; k < inner; k++) {
            int64_t at = o * n * inner + k;
            reference_backward(logarithm, n, inner, y + at, dy + at, right + at);
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

/* Two rows' worth of columns: the same numbers along the last dimension and along the first. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(softmax_is_its_formula),
        TEST(log_softmax_is_its_formula),
        TEST(softmax_of_special_values),
        TEST(log_softmax_of_special_values),
        TEST(nothing_is_done_for_no_elements),
        TEST(the_result_may_take_the_place_of_the_input),
        TEST(results_are_the_same_for_any_number_of_threads),
    };
    return RUN(tests);
}
