/* Pooling: values, indices, gradients, and the check of sizes. */
#include "test.h"

#include "core/cpu/pool_internal.h"
#include "core/memory_internal.h"
#include "core/threads.h"

/* A plane of 3 x 4. */
static const float counted[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

/* Kernel, stride and padding are the same for height and width; the dilation is 1. */
typedef struct square {
    int64_t height, width, kernel, stride, padding;
} square;

static cd_pool2d_sizes pool_of(square s)
{
    return (cd_pool2d_sizes){ .planes = 1,
                              .height = s.height,
                              .width = s.width,
                              .kernel_h = s.kernel,
                              .kernel_w = s.kernel,
                              .stride_h = s.stride,
                              .stride_w = s.stride,
                              .padding_h = s.padding,
                              .padding_w = s.padding,
                              .dilation_h = 1,
                              .dilation_w = 1 };
}
#define POOL(...) pool_of((square){ __VA_ARGS__ })

static void complete(cd_pool2d_sizes *pool, int64_t out_h, int64_t out_w)
{
    const char *wrong = cd_pool2d_sizes_complete(pool);
    assert_that(!wrong, "%s", wrong);
    assert_int_equal(pool->out_h, out_h);
    assert_int_equal(pool->out_w, out_w);
}

static void assert_floats(const float *actual, const float *expected, int count)
{
    for (int i = 0; i < count; i++) assert_close((double)actual[i], (double)expected[i], 1e-6, 0);
}

static void assert_indices(const int64_t *actual, const int64_t *expected, int count)
{
    for (int i = 0; i < count; i++) assert_int_equal(actual[i], expected[i]);
}

static void max_takes_the_largest(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 3, .width = 4, .kernel = 2, .stride = 1);
    complete(&pool, 2, 3);
    float y[6];
    int64_t indices[6];
    cd_cpu_max_pool2d(&pool, CD_F32, counted, y, indices);
    assert_floats(y, (float[]){ 6, 7, 8, 10, 11, 12 }, 6);
    assert_indices(indices, (int64_t[]){ 5, 6, 7, 9, 10, 11 }, 6);
}

static void max_needs_no_indices(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 3, .width = 4, .kernel = 3, .stride = 1);
    complete(&pool, 1, 2);
    float y[2];
    cd_cpu_max_pool2d(&pool, CD_F32, counted, y, NULL);
    assert_floats(y, (float[]){ 11, 12 }, 2);
}

static void padding_never_wins(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 2, .width = 2, .kernel = 3, .stride = 2, .padding = 1);
    complete(&pool, 1, 1);
    double x[4] = { -5, -3, -4, -9 }, y[1];
    int64_t indices[1];
    cd_cpu_max_pool2d(&pool, CD_F64, x, y, indices);
    assert_close(y[0], -3, 0, 0);
    assert_int_equal(indices[0], 1);
}

static void dilation_steps_over(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 3, .width = 4, .kernel = 2, .stride = 1);
    pool.dilation_h = 2;
    pool.dilation_w = 3;
    complete(&pool, 1, 1);
    float x[12] = { 1, 99, 99, 3, 99, 99, 99, 99, 4, 99, 99, 2 }, y[1];
    int64_t indices[1];
    cd_cpu_max_pool2d(&pool, CD_F32, x, y, indices);
    assert_close((double)y[0], 4, 0, 0);
    assert_int_equal(indices[0], 8);
}

/* A kernel of 1 takes any dilation, which it has no use for. */
static void the_longest_dilation_leaves_the_image(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 3, .width = 4, .kernel = 1, .stride = 1);
    pool.dilation_h = pool.dilation_w = INT64_MAX;
    complete(&pool, 3, 4);
    float y[12];
    cd_cpu_max_pool2d(&pool, CD_F32, counted, y, NULL);
    assert_floats(y, counted, 12);
}

static void padding_with_dilation_starts_at_the_first_tap_inside(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 3, .width = 3, .kernel = 3, .stride = 1, .padding = 1);
    pool.dilation_h = pool.dilation_w = 2; /* taps at -1, 1 and 3 */
    complete(&pool, 1, 1);
    float x[9] = { 9, 9, 9, 9, 1, 9, 9, 9, 9 }, y[1];
    int64_t indices[1];
    cd_cpu_max_pool2d(&pool, CD_F32, x, y, indices);
    assert_close((double)y[0], 1, 0, 0);
    assert_int_equal(indices[0], 4);
}

/* The index of an empty window is inside the plane, since the gradient goes there. */
static void an_empty_window_has_an_index(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 1, .width = 1, .kernel = 2, .stride = 1, .padding = 1);
    pool.dilation_h = pool.dilation_w = 2; /* taps at -1 and 1 */
    complete(&pool, 1, 1);
    float x[1] = { 7 }, y[1];
    int64_t indices[1];
    cd_cpu_max_pool2d(&pool, CD_F32, x, y, indices);
    assert_true(isinf(y[0]) && y[0] < 0);
    assert_int_equal(indices[0], 0);
}

static void nan_wins(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 1, .width = 6, .kernel = 1, .stride = 3);
    pool.kernel_w = 3;
    complete(&pool, 1, 2);
    float x[6] = { 1, NAN, 5, INFINITY, NAN, NAN }, y[2];
    int64_t indices[2];
    cd_cpu_max_pool2d(&pool, CD_F32, x, y, indices);
    assert_true(isnan(y[0]) && isnan(y[1]));
    assert_indices(indices, (int64_t[]){ 1, 5 }, 2);
}

static void all_minus_infinity_has_the_first_index(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 2, .width = 2, .kernel = 2, .stride = 2);
    complete(&pool, 1, 1);
    float x[4] = { -INFINITY, -INFINITY, -INFINITY, -INFINITY }, y[1];
    int64_t indices[1];
    cd_cpu_max_pool2d(&pool, CD_F32, x, y, indices);
    assert_true(isinf(y[0]) && y[0] < 0);
    assert_int_equal(indices[0], 0);
}

static void the_first_of_equals_is_taken(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 2, .width = 3, .kernel = 2, .stride = 1);
    complete(&pool, 1, 2);
    float x[6] = { 1, 7, 7, 7, 7, 0 }, y[2];
    int64_t indices[2];
    cd_cpu_max_pool2d(&pool, CD_F32, x, y, indices);
    assert_indices(indices, (int64_t[]){ 1, 1 }, 2);
}

static void max_gradient_goes_to_the_indices(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 3, .width = 4, .kernel = 2, .stride = 1);
    pool.planes = 2;
    complete(&pool, 2, 3);
    float dy[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, dx[24];
    int64_t indices[12] = { 5, 5, 7, 5, 10, 11, 0, 0, 0, 0, 0, 11 };
    cd_cpu_max_pool2d_backward(&pool, CD_F32, dy, indices, dx);
    assert_floats(
        dx, (float[]){ 0, 0, 0, 0, 0, 7, 0, 3, 0, 0, 5, 6, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12 },
        24);
}

/* The size of PyTorch's result, without ceil_mode and with it. */
static void sizes_round_down_or_up(void **state)
{
    (void)state;
    static const struct {
        int64_t size, kernel, stride, padding, down, up;
    } cases[] = {
        { .size = 5, .kernel = 2, .stride = 2, .down = 2, .up = 3 },
        { .size = 4, .kernel = 3, .stride = 2, .padding = 1, .down = 2, .up = 3 },
        { .size = 4, .kernel = 1, .stride = 3, .down = 2, .up = 2 },
        /* no window starts in the padding behind the image */
        { .size = 3, .kernel = 2, .stride = 2, .padding = 1, .down = 2, .up = 2 },
        { .size = 112, .kernel = 3, .stride = 2, .padding = 1, .down = 56, .up = 57 },
        { .size = 7, .kernel = 3, .stride = 3, .padding = 1, .down = 3, .up = 3 },
        { .size = 6, .kernel = 2, .stride = 3, .down = 2, .up = 2 },
        { .size = 5, .kernel = 3, .stride = 4, .padding = 1, .down = 2, .up = 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_pool2d_sizes pool =
            POOL(.height = cases[i].size, .width = cases[i].size, .kernel = cases[i].kernel,
                 .stride = cases[i].stride, .padding = cases[i].padding);
        complete(&pool, cases[i].down, cases[i].down);
        pool.ceil_mode = true;
        complete(&pool, cases[i].up, cases[i].up);
    }
}

static void ceil_mode_takes_what_is_there(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 3, .width = 4, .kernel = 2, .stride = 2);
    pool.ceil_mode = true;
    complete(&pool, 2, 2);
    float y[4];
    int64_t indices[4];
    cd_cpu_max_pool2d(&pool, CD_F32, counted, y, indices);
    assert_floats(y, (float[]){ 6, 8, 10, 12 }, 4);
    cd_cpu_avg_pool2d(&pool, CD_F32, counted, y);
    assert_floats(y, (float[]){ 3.5f, 5.5f, 9.5f, 11.5f }, 4);
}

static void average_counts_the_padding_or_not(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 3, .width = 4, .kernel = 3, .stride = 2, .padding = 1);
    complete(&pool, 2, 2);
    float y[4];
    cd_cpu_avg_pool2d(&pool, CD_F32, counted, y);
    assert_floats(y, (float[]){ 14.f / 4, 30.f / 6, 30.f / 4, 54.f / 6 }, 4);
    pool.padding_counts = true;
    cd_cpu_avg_pool2d(&pool, CD_F32, counted, y);
    assert_floats(y, (float[]){ 14.f / 9, 30.f / 9, 30.f / 9, 54.f / 9 }, 4);
}

/* <dy, A x> = <A' dy, x>, where A is the linear map that averages and A' its gradient. */
static void check_adjoint(const cd_pool2d_sizes *pool, bool adaptive)
{
    int64_t in = pool->planes * pool->height * pool->width;
    int64_t out = pool->planes * pool->out_h * pool->out_w;
    double *x = cd_alloc((size_t)(2 * in + 2 * out) * sizeof(double));
    double *dx = x + in, *y = dx + in, *dy = y + out, forward = 0, backward = 0;
    for (int64_t i = 0; i < in; i++) x[i] = sin((double)i);
    for (int64_t i = 0; i < out; i++) dy[i] = cos(3 * (double)i);
    if (adaptive) {
        cd_cpu_adaptive_avg_pool2d(pool, CD_F64, x, y);
        cd_cpu_adaptive_avg_pool2d_backward(pool, CD_F64, dy, dx);
    } else {
        cd_cpu_avg_pool2d(pool, CD_F64, x, y);
        cd_cpu_avg_pool2d_backward(pool, CD_F64, dy, dx);
    }
    for (int64_t i = 0; i < in; i++) backward += x[i] * dx[i];
    for (int64_t i = 0; i < out; i++) forward += y[i] * dy[i];
    assert_close(backward, forward, 1e-12, 1e-14);
    cd_free(x);
}

static void average_gradient_is_the_adjoint(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        cd_pool2d_sizes pool = POOL(.height = 7 + i % 3, .width = 8, .kernel = 3,
                                    .stride = 1 + i % 2, .padding = i / 2 % 2);
        pool.planes = 2;
        pool.ceil_mode = i % 3 == 0;
        pool.padding_counts = i / 4 % 2;
        assert_null(cd_pool2d_sizes_complete(&pool));
        check_adjoint(&pool, false);
    }
}

static void adaptive_windows_overlap(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = { .planes = 1, .height = 3, .width = 4, .out_h = 2, .out_w = 3 };
    float y[6]; /* rows 0-1 and 1-2; columns 0-1, 1-2, 2-3 */
    cd_cpu_adaptive_avg_pool2d(&pool, CD_F32, counted, y);
    assert_floats(y, (float[]){ 3.5f, 4.5f, 5.5f, 7.5f, 8.5f, 9.5f }, 6);
}

static void adaptive_to_one_is_the_mean(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = { .planes = 1, .height = 3, .width = 4, .out_h = 1, .out_w = 1 };
    float y[1], dx[12], dy[1] = { 12 };
    cd_cpu_adaptive_avg_pool2d(&pool, CD_F32, counted, y);
    assert_close((double)y[0], 6.5, 0, 0);
    cd_cpu_adaptive_avg_pool2d_backward(&pool, CD_F32, dy, dx);
    for (int i = 0; i < 12; i++) assert_close((double)dx[i], 1, 0, 0);
}

static void adaptive_may_enlarge(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = { .planes = 1, .height = 1, .width = 2, .out_h = 2, .out_w = 3 };
    float x[2] = { 1, 3 }, y[6];
    cd_cpu_adaptive_avg_pool2d(&pool, CD_F32, x, y);
    assert_floats(y, (float[]){ 1, 2, 3, 1, 2, 3 }, 6);
}

static void adaptive_gradient_is_the_adjoint(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        cd_pool2d_sizes pool = {
            .planes = 3, .height = 5 + i, .width = 9, .out_h = 1 + i / 2, .out_w = 1 + i % 7
        };
        check_adjoint(&pool, true);
    }
}

static void threads_do_not_change_bits(void **state)
{
    (void)state;
    cd_pool2d_sizes pool = POOL(.height = 40, .width = 50, .kernel = 3, .stride = 2, .padding = 1);
    pool.planes = 70;
    complete(&pool, 20, 25);
    int64_t in = 70 * 40 * 50, out = 70 * 20 * 25;
    float *x = cd_alloc((size_t)in * sizeof(float)), *y = cd_alloc((size_t)out * sizeof(float));
    float *first = cd_alloc((size_t)out * sizeof(float));
    for (int64_t i = 0; i < in; i++) x[i] = sinf((float)i);
    int before = cd_num_threads();
    for (int t = 0; t < 4; t++) {
        cd_set_num_threads((int[]){ 1, 2, 3, 8 }[t]);
        cd_cpu_avg_pool2d(&pool, CD_F32, x, y);
        if (t == 0) memcpy(first, y, (size_t)out * sizeof(float));
        assert_memory_equal(y, first, (size_t)out * sizeof(float));
    }
    cd_set_num_threads(before);
    cd_free(x);
    cd_free(y);
    cd_free(first);
}

static void assert_wrong(cd_pool2d_sizes pool, const char *words)
{
    const char *wrong = cd_pool2d_sizes_complete(&pool);
    assert_that(wrong && strstr(wrong, words), "said \"%s\", expected \"%s\"", wrong ? wrong : "",
                words);
}

static void impossible_sizes_are_told(void **state)
{
    (void)state;
    const int64_t large = (int64_t)1 << 32;
    cd_pool2d_sizes p = POOL(.height = 4, .width = 4, .kernel = 3, .stride = 1);
    assert_wrong(POOL(.height = 4, .width = 4, .kernel = 5, .stride = 1),
                 "larger than the padded input");
    assert_wrong(POOL(.height = 4, .width = 4, .kernel = 3, .stride = 1, .padding = 2),
                 "half the kernel");
    assert_wrong(POOL(.height = 4, .width = 4, .kernel = 3, .stride = 0, .padding = 1), "stride");
    assert_wrong(POOL(.height = 4, .width = 4, .kernel = 0, .stride = 1), "kernel");
    assert_wrong(POOL(.height = 4, .width = 4, .kernel = 2, .stride = 1, .padding = -1), "padding");
    assert_wrong(POOL(.height = 0, .width = 4, .kernel = 2, .stride = 1), "at least one row");
    assert_wrong((p.dilation_w = 0, p), "dilation");
    assert_wrong((p.dilation_w = INT64_MAX / 2 + 1, p), "dilation");
    assert_wrong(
        POOL(.height = 4, .width = 4, .kernel = INT64_MAX, .stride = 1, .padding = INT64_MAX / 2),
        "padding is too large");
    p = POOL(.height = 4, .width = 4, .kernel = 2, .stride = INT64_MAX);
    p.ceil_mode = true;
    assert_wrong(p, "stride is too large");
    assert_wrong(POOL(.height = large, .width = large, .kernel = 2, .stride = 1), "too large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(max_takes_the_largest),
        TEST(max_needs_no_indices),
        TEST(padding_never_wins),
        TEST(dilation_steps_over),
        TEST(the_longest_dilation_leaves_the_image),
        TEST(padding_with_dilation_starts_at_the_first_tap_inside),
        TEST(an_empty_window_has_an_index),
        TEST(nan_wins),
        TEST(all_minus_infinity_has_the_first_index),
        TEST(the_first_of_equals_is_taken),
        TEST(max_gradient_goes_to_the_indices),
        TEST(sizes_round_down_or_up),
        TEST(ceil_mode_takes_what_is_there),
        TEST(average_counts_the_padding_or_not),
        TEST(average_gradient_is_the_adjoint),
        TEST(adaptive_windows_overlap),
        TEST(adaptive_to_one_is_the_mean),
        TEST(adaptive_may_enlarge),
        TEST(adaptive_gradient_is_the_adjoint),
        TEST(threads_do_not_change_bits),
        TEST(impossible_sizes_are_told),
    };
    return RUN(tests);
}
