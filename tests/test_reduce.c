/* Sums, products, norms, variances, maxima and minima over any dimensions of any view. */
#include "kernels.h"

#include "core/cpu/reduce_internal.h"

/* A reduction of the dimensions in `mask` (a bit each) of a view, whose dimensions lie in memory in
 * this order, outermost first. */
static cd_reduce_shape shape_of(int ndim, const int64_t *size, const int *order, unsigned mask,
                                int64_t element)
{
    int64_t stride[CD_MAX_DIMS], next = element;
    for (int i = ndim - 1; i >= 0; i--) {
        stride[order[i]] = next;
        next *= size[order[i]];
    }
    cd_reduce_shape shape = { 0 };
    for (int reduced = 0; reduced < 2; reduced++) {
        for (int d = 0; d < ndim; d++) {
            if ((mask >> d & 1) != (unsigned)reduced) continue;
            int next_dim = shape.kept + shape.reduced;
            shape.size[next_dim] = size[d];
            shape.stride[next_dim] = stride[d];
            if (reduced) {
                shape.reduced++;
            } else {
                shape.kept++;
            }
        }
    }
    return shape;
}

static int64_t product(const int64_t *size, int count)
{
    int64_t n = 1;
    for (int d = 0; d < count; d++) n *= size[d];
    return n;
}

static int64_t outputs_of(const cd_reduce_shape *shape)
{
    return product(shape->size, shape->kept);
}

static int64_t elements_of(const cd_reduce_shape *shape)
{
    return product(shape->size + shape->kept, shape->reduced);
}

/* The position in memory of an output's element, from the output's index and the element's index
 * along the reduced dimensions. */
static int64_t position(const cd_reduce_shape *shape, int64_t output, int64_t element,
                        int64_t bytes)
{
    int64_t offset = 0;
    for (int d = shape->kept + shape->reduced - 1; d >= 0; d--) {
        int64_t *number = d < shape->kept ? &output : &element;
        offset += *number % shape->size[d] * shape->stride[d];
        *number /= shape->size[d];
    }
    return offset / bytes;
}

typedef enum reduction { SUM, PROD, NORM, VAR, MAX, MIN } reduction;

static void run(reduction kind, cd_dtype dtype, const cd_reduce_shape *shape, const void *in,
                void *out, int64_t *indices)
{
    switch (kind) {
    case SUM:
        cd_cpu_sum(dtype, shape, in, out);
        break;
    case PROD:
        cd_cpu_prod(dtype, shape, in, out);
        break;
    case NORM:
        cd_cpu_norm(dtype, shape, in, out);
        break;
    case VAR:
        cd_cpu_var(dtype, shape, in, out, NULL, &(cd_spread){ .correction = 0 });
        break;
    case MAX:
        cd_cpu_max(dtype, shape, in, out, indices);
        break;
    case MIN:
        cd_cpu_min(dtype, shape, in, out, indices);
        break;
    }
}

static cd_dtype result_of(reduction kind, cd_dtype dtype)
{
    return kind >= MAX || cd_dtype_is_floating(dtype) ? dtype : CD_I64;
}

/* Small numbers: neither sums of integers nor products overflow. */
static void fill_small(void *array, cd_dtype dtype, int64_t n, reduction kind)
{
    for (int64_t i = 0; i < n; i++) {
        double x = cd_dtype_is_floating(dtype) ? random_real() : (double)(random_bits() % 5);
        if (kind == PROD && cd_dtype_is_floating(dtype)) x = 1 + x * 0.01;
        if (kind == PROD && !cd_dtype_is_floating(dtype)) x = random_bits() % 64 ? 1 : 2;
        set_element(array, dtype, i, x);
    }
}

static void check(reduction kind, cd_dtype dtype, const cd_reduce_shape *shape)
{
    enum { MOST = 4096 };
    static int64_t in[MOST], out[WIDE_BUILDS][MOST], indices[WIDE_BUILDS][MOST];
    int64_t outputs = outputs_of(shape), elements = elements_of(shape);
    int64_t bytes = (int64_t)cd_dtype_size(dtype);
    cd_dtype result = result_of(kind, dtype);
    fill_small(in, dtype, outputs * elements, kind);
    for (int build = 0; build < WIDE_BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) return;
        run(kind, dtype, shape, in, out[build], indices[build]);
    }
    assert_true(same_elements(out[0], out[1], result, outputs));
    if (kind >= MAX) assert_memory_equal(indices[0], indices[1], (size_t)outputs * 8);
    for (int64_t o = 0; o < outputs; o++) {
        double right = kind == PROD ? 1 : 0, mean = 0, magnitude = 0;
        int64_t index = 0;
        for (int64_t e = 0; e < elements; e++) {
            mean += get_element(in, dtype, position(shape, o, e, bytes)) / (double)elements;
        }
        for (int64_t e = 0; e < elements; e++) {
            double x = get_element(in, dtype, position(shape, o, e, bytes));
            if (kind == SUM) right += x, magnitude += fabs(x);
            if (kind == PROD) right *= x;
            if (kind == NORM) right += x * x;
            if (kind == VAR) right += (x - mean) * (x - mean) / (double)elements;
            if (kind >= MAX && (e == 0 || (kind == MAX ? x > right : x < right))) {
                right = x;
                index = e;
            }
        }
        if (kind == NORM) right = sqrt(right);
        double tolerance = dtype == CD_F32 ? 1e-7 : 1e-13;
        /* Four floats are added as floats, with an error in proportion to them and not to the
         * sum. */
        double absolute = tolerance * fmax(1, magnitude);
        assert_close(get_element(out[0], result, o), right, tolerance, absolute);
        if (kind >= MAX) assert_int_equal(indices[0][o], index);
    }
}

static void check_everything(reduction kind)
{
    static const int64_t sizes[][4] = {
        { 2, 3, 4, 5 }, { 1, 7, 1, 40 }, { 33, 1, 17, 2 }, { 6, 20, 3, 1 }
    };
    static const int orders[][4] = {
        { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 0, 2, 3, 1 }, { 2, 0, 3, 1 }
    };
    for (int k = 0; k < DTYPES; k++) {
        if ((kind == NORM || kind == VAR) && !cd_dtype_is_floating(every_dtype[k])) continue;
        for (int s = 0; s < 4; s++) {
            for (int o = 0; o < 4; o++) {
                for (unsigned mask = 0; mask < 16; mask++) {
                    cd_reduce_shape shape = shape_of(4, sizes[s], orders[o], mask,
                                                     (int64_t)cd_dtype_size(every_dtype[k]));
                    check(kind, every_dtype[k], &shape);
                }
            }
        }
    }
}

static void sums_over_any_dimensions(void **state)
{
    (void)state;
    check_everything(SUM);
}

static void products_over_any_dimensions(void **state)
{
    (void)state;
    check_everything(PROD);
}

static void norms_over_any_dimensions(void **state)
{
    (void)state;
    check_everything(NORM);
}

static void variances_over_any_dimensions(void **state)
{
    (void)state;
    check_everything(VAR);
}

static void the_norm_of_large_and_of_small_floats(void **state)
{
    (void)state;
    const float x[] = { 3e30f, 4e30f, 3e-30f, 4e-30f };
    const cd_reduce_shape shape = { .kept = 1, .reduced = 1, .size = { 2, 2 }, .stride = { 8, 4 } };
    float norm[2];
    cd_cpu_norm(CD_F32, &shape, x, norm);
    assert_close(norm[0], 5e30, 1e-7, 0);
    assert_close(norm[1], 5e-30, 1e-7, 0);
}

static void maxima_over_any_dimensions(void **state)
{
    (void)state;
    check_everything(MAX);
}

static void minima_over_any_dimensions(void **state)
{
    (void)state;
    check_everything(MIN);
}

static cd_reduce_shape vector_of(int64_t n, int64_t stride)
{
    return (cd_reduce_shape){ .reduced = 1, .size = { n }, .stride = { stride } };
}

static void every_length_of_a_vector(void **state)
{
    (void)state;
    for (int64_t n = 1; n < 140; n++) {
        for (reduction kind = SUM; kind <= MIN; kind++) {
            for (int64_t step = 1; step <= 2; step++) {
                cd_reduce_shape shape = { .kept = 1,
                                          .reduced = 1,
                                          .size = { 2, n },
                                          .stride = { step == 1 ? 4 * n : 4, 4 * step } };
                check(kind, CD_F32, &shape);
            }
        }
    }
}

static void value_without_index_and_index_without_value(void **state)
{
    (void)state;
    const float x[] = { 3, 7, -1, 7 };
    const cd_reduce_shape shape = vector_of(4, 4);
    float value = 0;
    int64_t index = -1;
    cd_cpu_max(CD_F32, &shape, x, &value, NULL);
    cd_cpu_max(CD_F32, &shape, x, NULL, &index);
    assert_true(value == 7);
    assert_int_equal(index, 1);
}

static void the_first_nan_wins(void **state)
{
    (void)state;
    enum { N = 1500 };
    float x[N];
    for (int first_nan = 0; first_nan < N; first_nan += 7) {
        for (int i = 0; i < N; i++) x[i] = (float)(i % 100);
        x[first_nan] = NAN;
        x[N - 1] = NAN;
        for (int build = 0; build < WIDE_BUILDS; build++) {
            if (!cd_cpu_force(every_build[build])) continue;
            const cd_reduce_shape shape = vector_of(N, 4);
            float most = 0, least = 0, alone = 0;
            int64_t first = -1, second = -1;
            cd_cpu_max(CD_F32, &shape, x, &most, &first);
            cd_cpu_min(CD_F32, &shape, x, &least, &second);
            cd_cpu_max(CD_F32, &shape, x, &alone, NULL);
            assert_true(most != most && least != least && alone != alone);
            assert_int_equal(first, first_nan);
            assert_int_equal(second, first_nan);
        }
    }
}

static void nan_wins_in_columns(void **state)
{
    (void)state;
    const double x[] = { 1, NAN, 2, 5, 3, NAN, NAN, 3, 9 };
    const cd_reduce_shape columns = {
        .kept = 1, .reduced = 1, .size = { 3, 3 }, .stride = { 8, 24 }
    };
    double most[3], alone[3];
    int64_t index[3];
    cd_cpu_max(CD_F64, &columns, x, most, index);
    cd_cpu_max(CD_F64, &columns, x, alone, NULL);
    assert_true(same_elements(most, (const double[]){ NAN, NAN, NAN }, CD_F64, 3));
    assert_true(same_elements(alone, most, CD_F64, 3));
    assert_memory_equal(index, ((const int64_t[]){ 2, 0, 1 }), sizeof index);
}

static void maximum_of_least_values(void **state)
{
    (void)state;
    float low[40];
    int64_t least[3] = { INT64_MIN, INT64_MIN, INT64_MIN }, index = -1, integer = 0;
    for (int i = 0; i < 40; i++) low[i] = -INFINITY;
    float value = 0;
    cd_reduce_shape shape = vector_of(40, 4);
    cd_cpu_max(CD_F32, &shape, low, &value, &index);
    assert_true(value == -INFINITY && index == 0);
    shape = vector_of(3, 8);
    cd_cpu_max(CD_I64, &shape, least, &integer, &index);
    assert_true(integer == INT64_MIN && index == 0);
}

static void over_nothing(void **state)
{
    (void)state;
    const cd_reduce_shape shape = {
        .kept = 1, .reduced = 2, .size = { 3, 0, 4 }, .stride = { 0, 16, 4 }
    };
    float sum[3] = { 9, 9, 9 }, product_of_none[3] = { 9, 9, 9 };
    const float in[1] = { 5 };
    cd_cpu_sum(CD_F32, &shape, in, sum);
    cd_cpu_prod(CD_F32, &shape, in, product_of_none);
    assert_memory_equal(sum, ((const float[]){ 0, 0, 0 }), sizeof sum);
    assert_memory_equal(product_of_none, ((const float[]){ 1, 1, 1 }), sizeof sum);
    const cd_reduce_shape none = { .kept = 2, .reduced = 1, .size = { 0, 3, 4 } };
    cd_cpu_sum(CD_F32, &none, in, sum);
}

/* Half a unit in the last place is the rounding of the result. */
static void the_sum_of_many_floats_loses_nearly_nothing(void **state)
{
    (void)state;
    enum { N = 1000003 };
    float *x = malloc(N * sizeof *x), sum;
    long double exact = 0;
    for (int i = 0; i < N; i++) {
        x[i] = (float)random_real() + 0.1f;
        exact += (long double)x[i];
    }
    const cd_reduce_shape shape = vector_of(N, 4);
    cd_cpu_sum(CD_F32, &shape, x, &sum);
    const double unit = (double)(nextafterf(sum, INFINITY) - sum);
    assert_close(sum, (double)exact, 0, 0.51 * unit);
    free(x);
}

static void the_sum_of_many_doubles_loses_little(void **state)
{
    (void)state;
    enum { N = 1000003 };
    double *x = malloc(N * sizeof *x), sum;
    for (int i = 0; i < N; i++) x[i] = 0.1;
    const cd_reduce_shape shape = vector_of(N, 8);
    cd_cpu_sum(CD_F64, &shape, x, &sum);
    assert_close(sum, 100000.3, 2e-15, 0);
    free(x);
}

static void integer_sums_wrap_in_64_bits(void **state)
{
    (void)state;
    const int64_t x[] = { INT64_MAX, 1 };
    int64_t sum = 0;
    cd_reduce_shape shape = vector_of(2, 8);
    cd_cpu_sum(CD_I64, &shape, x, &sum);
    assert_true(sum == INT64_MIN);
    const int32_t y[] = { INT32_MAX, INT32_MAX, -5 };
    shape = vector_of(3, 4);
    cd_cpu_sum(CD_I32, &shape, y, &sum);
    assert_true(sum == 2 * (int64_t)INT32_MAX - 5);
    const int32_t low[] = { INT32_MIN, INT32_MIN, -5 };
    cd_cpu_sum(CD_I32, &shape, low, &sum);
    assert_true(sum == 2 * (int64_t)INT32_MIN - 5);
    const int32_t mixed[] = { -2, 3, 5 };
    cd_cpu_prod(CD_I32, &shape, mixed, &sum);
    assert_true(sum == -30);
}

/* Sizes for every way of cutting the work: into outputs, into splits of elements, into columns. */
static void results_are_the_same_for_any_number_of_threads_and_build(void **state)
{
    (void)state;
    enum { N = 360360 };
    static const int64_t shapes[][3] = { { N, 1, 0 },       { 1, N, 0 },       { 10, N / 10, 0 },
                                         { 10, N / 10, 1 }, { N / 10, 10, 1 }, { 1001, 360, 1 },
                                         { 360, 1001, 0 } };
    float *x = malloc(N * sizeof *x), *first = malloc(N * sizeof *x), *out = malloc(N * sizeof *x);
    int64_t *indices = malloc(N * sizeof *indices), *first_indices = malloc(N * sizeof *indices);
    fill_random(x, CD_F32, N, false);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const int64_t kept = shapes[s][0], reduced = shapes[s][1];
        const bool columns = shapes[s][2];
        const cd_reduce_shape shape = { .kept = 1,
                                        .reduced = 1,
                                        .size = { kept, reduced },
                                        .stride = { columns ? 4 : 4 * reduced,
                                                    columns ? 4 * kept : 4 } };
        for (reduction kind = SUM; kind <= MIN; kind++) {
            assert_true(cd_cpu_force("portable"));
            run(kind, CD_F32, &shape, x, first, first_indices);
            (void)cd_cpu_force(NULL);
            for (int t = 0; t < THREAD_COUNTS; t++) {
                assert_true(cd_set_num_threads(thread_counts[t]));
                run(kind, CD_F32, &shape, x, out, indices);
                assert_memory_equal(out, first, (size_t)kept * 4);
                if (kind >= MAX) assert_memory_equal(indices, first_indices, (size_t)kept * 8);
            }
        }
    }
    free(x);
    free(first);
    free(out);
    free(indices);
    free(first_indices);
}

static void large_reductions_are_right(void **state)
{
    (void)state;
    enum { ROWS = 700, COLUMNS = 300 };
    static double x[ROWS][COLUMNS], out[COLUMNS];
    fill_random(x, CD_F64, (int64_t)ROWS * COLUMNS, false);
    const cd_reduce_shape shape = {
        .kept = 1, .reduced = 1, .size = { COLUMNS, ROWS }, .stride = { 8, 8 * COLUMNS }
    };
    cd_cpu_sum(CD_F64, &shape, x, out);
    for (int c = 0; c < COLUMNS; c++) {
        double right = 0;
        for (int r = 0; r < ROWS; r++) right += x[r][c];
        assert_close(out[c], right, 1e-12, 1e-12);
    }
    int64_t index[COLUMNS];
    cd_cpu_max(CD_F64, &shape, x, out, index);
    for (int c = 0; c < COLUMNS; c++) {
        int best = 0;
        for (int r = 1; r < ROWS; r++) best = x[r][c] > x[best][c] ? r : best;
        assert_int_equal(index[c], best);
        assert_true(out[c] == x[best][c]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sums_over_any_dimensions),
        TEST(products_over_any_dimensions),
        TEST(norms_over_any_dimensions),
        TEST(variances_over_any_dimensions),
        TEST(the_norm_of_large_and_of_small_floats),
        TEST(maxima_over_any_dimensions),
        TEST(minima_over_any_dimensions),
        TEST(every_length_of_a_vector),
        TEST(value_without_index_and_index_without_value),
        TEST(the_first_nan_wins),
        TEST(nan_wins_in_columns),
        TEST(maximum_of_least_values),
        TEST(over_nothing),
        TEST(the_sum_of_many_floats_loses_nearly_nothing),
        TEST(the_sum_of_many_doubles_loses_little),
        TEST(integer_sums_wrap_in_64_bits),
        TEST(results_are_the_same_for_any_number_of_threads_and_build),
        TEST(large_reductions_are_right),
    };
    return RUN(tests);
}
