/* Maps over operands of any layout. */
#include "kernels.h"

#include "core/cpu/iter_internal.h"

static cd_iter iter_of(int ndim, const int64_t *size, void *out, void *a, void *b)
{
    cd_iter it = { .operands = 3, .ndim = ndim, .data = { out, a, b } };
    for (int d = 0; d < ndim; d++) it.size[d] = size[d];
    return it;
}

/* The strides (in bytes) of a contiguous f32 operand whose dimensions lie in memory in this order,
 * innermost last. */
static void set_strides(cd_iter *it, int k, const int *order)
{
    int64_t stride = 4;
    for (int i = it->ndim - 1; i >= 0; i--) {
        it->stride[k][order[i]] = stride;
        stride *= it->size[order[i]];
    }
}

/* The position of an element of operand k. */
static int64_t position(const cd_iter *it, int k, const int64_t *index)
{
    int64_t offset = 0;
    for (int d = 0; d < it->ndim; d++) offset += index[d] * it->stride[k][d];
    return offset / 4;
}

/* Compares an addition by the iter with plain loops over up to 4 dimensions. */
static void check_add(cd_iter it, float *out, const float *a, const float *b)
{
    cd_iter merged = it;
    cd_cpu_iter_coalesce(&merged);
    cd_cpu_map(&merged, cd_cpu_loop(CD_MAP_add, CD_F32), NULL);
    int64_t size[4] = { 1, 1, 1, 1 }, i[4];
    for (int d = 0; d < it.ndim; d++) size[d] = it.size[d];
    for (i[0] = 0; i[0] < size[0]; i[0]++) {
        for (i[1] = 0; i[1] < size[1]; i[1]++) {
            for (i[2] = 0; i[2] < size[2]; i[2]++) {
                for (i[3] = 0; i[3] < size[3]; i[3]++) {
                    float right = a[position(&it, 1, i)] + b[position(&it, 2, i)];
                    assert_true(out[position(&it, 0, i)] == right);
                }
            }
        }
    }
}

static void contiguous_operands_become_one_dimension(void **state)
{
    (void)state;
    float out[120], a[120], b[120];
    cd_iter it = iter_of(4, (const int64_t[]){ 2, 3, 4, 5 }, out, a, b);
    for (int k = 0; k < 3; k++) set_strides(&it, k, (const int[]){ 0, 1, 2, 3 });
    cd_cpu_iter_coalesce(&it);
    assert_int_equal(it.ndim, 1);
    assert_int_equal(it.size[0], 120);
    assert_int_equal(it.stride[2][0], 4);
}

static void channels_last_operands_become_one_dimension(void **state)
{
    (void)state;
    float out[120], a[120], b[120];
    cd_iter it = iter_of(4, (const int64_t[]){ 2, 3, 4, 5 }, out, a, b);
    for (int k = 0; k < 3; k++) set_strides(&it, k, (const int[]){ 0, 2, 3, 1 });
    cd_cpu_iter_coalesce(&it);
    assert_int_equal(it.ndim, 1);
    assert_int_equal(it.size[0], 120);
}

static void a_bias_leaves_two_dimensions(void **state)
{
    (void)state;
    float out[120], a[120], b[5];
    fill_random(a, CD_F32, 120, false);
    fill_random(b, CD_F32, 5, false);
    cd_iter it = iter_of(4, (const int64_t[]){ 2, 3, 4, 5 }, out, a, b);
    set_strides(&it, 0, (const int[]){ 0, 1, 2, 3 });
    set_strides(&it, 1, (const int[]){ 0, 1, 2, 3 });
    it.stride[2][3] = 4;
    check_add(it, out, a, b);
    cd_cpu_iter_coalesce(&it);
    assert_int_equal(it.ndim, 2);
}

static void any_order_of_memory_is_walked_right(void **state)
{
    (void)state;
    float out[120], a[120], b[120];
    static const int orders[][4] = {
        { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 1, 0, 3, 2 }, { 0, 2, 3, 1 }, { 2, 3, 0, 1 }
    };
    fill_random(a, CD_F32, 120, false);
    fill_random(b, CD_F32, 120, false);
    for (int x = 0; x < 125; x++) {
        cd_iter it = iter_of(4, (const int64_t[]){ 2, 3, 4, 5 }, out, a, b);
        set_strides(&it, 0, orders[x % 5]);
        set_strides(&it, 1, orders[x / 5 % 5]);
        set_strides(&it, 2, orders[x / 25]);
        if (x % 3 == 0) it.stride[2][x % 4] = 0;
        check_add(it, out, a, b);
    }
}

static void sizes_of_zero_and_one(void **state)
{
    (void)state;
    float out[6] = { 0 }, a[6] = { 1, 2, 3, 4, 5, 6 }, b[1] = { 1 };
    cd_iter scalar = iter_of(0, NULL, out, a, b);
    check_add(scalar, out, a, b);
    cd_iter ones = iter_of(3, (const int64_t[]){ 1, 6, 1 }, out, a, b);
    set_strides(&ones, 0, (const int[]){ 0, 1, 2 });
    set_strides(&ones, 1, (const int[]){ 2, 0, 1 });
    check_add(ones, out, a, b);
    cd_iter empty = iter_of(2, (const int64_t[]){ 0, 3 }, out, a, b);
    set_strides(&empty, 0, (const int[]){ 0, 1 });
    out[0] = 42;
    cd_cpu_iter_coalesce(&empty);
    cd_cpu_map(&empty, cd_cpu_loop(CD_MAP_add, CD_F32), NULL);
    assert_true(out[0] == 42);
}

static void large_maps_are_the_same_for_any_number_of_threads(void **state)
{
    (void)state;
    const int64_t size[] = { 7, 211, 137 }, n = 7 * 211 * 137;
    float *a = malloc((size_t)n * 4), *b = malloc((size_t)n * 4), *out = malloc((size_t)n * 4);
    float *first = malloc((size_t)n * 4);
    fill_random(a, CD_F32, n, false);
    fill_random(b, CD_F32, n, false);
    cd_iter it = iter_of(3, size, out, a, b);
    set_strides(&it, 0, (const int[]){ 0, 1, 2 });
    set_strides(&it, 1, (const int[]){ 2, 0, 1 });
    set_strides(&it, 2, (const int[]){ 0, 1, 2 });
    for (int t = 0; t < THREAD_COUNTS; t++) {
        assert_true(cd_set_num_threads(thread_counts[t]));
        memset(out, 0, (size_t)n * 4);
        if (t == 0) {
            check_add(it, out, a, b);
            memcpy(first, out, (size_t)n * 4);
        }
        cd_iter merged = it;
        cd_cpu_iter_coalesce(&merged);
        cd_cpu_map(&merged, cd_cpu_loop(CD_MAP_add, CD_F32), NULL);
        assert_memory_equal(out, first, (size_t)n * 4);
    }
    free(a);
    free(b);
    free(out);
    free(first);
}

/* x = x + b in place: each element must be added to once, even where two pieces meet. One row is
 * one dimension; with several, the rows do not end where the pieces end. */
static void check_in_place(int64_t rows, int64_t columns)
{
    const int64_t n = rows * columns;
    float *x = malloc((size_t)n * 4), *b = malloc((size_t)n * 4);
    for (int64_t i = 0; i < n; i++) {
        x[i] = (float)(i % 1013);
        b[i] = (float)(i % 317 + 1);
    }
    cd_iter it = iter_of(2, (const int64_t[]){ rows, columns }, x, x, b);
    set_strides(&it, 0, (const int[]){ 0, 1 });
    set_strides(&it, 1, (const int[]){ 0, 1 });
    set_strides(&it, 2, (const int[]){ 0, 1 });
    if (rows > 1) it.stride[2][0] = 0; /* the first row of b for all */
    cd_cpu_iter_coalesce(&it);
    cd_cpu_map(&it, cd_cpu_loop(CD_MAP_add, CD_F32), NULL);
    for (int64_t i = 0; i < n; i++) {
        float right = (float)(i % 1013) + b[rows > 1 ? i % columns : i];
        assert_that(x[i] == right, "%lld x %lld: element %lld is %g, expected %g", (long long)rows,
                    (long long)columns, (long long)i, (double)x[i], (double)right);
    }
    free(x);
    free(b);
}

static void each_element_is_computed_once(void **state)
{
    (void)state;
    for (int t = 0; t < THREAD_COUNTS; t++) {
        assert_true(cd_set_num_threads(thread_counts[t]));
        check_in_place(1, 200001);
        check_in_place(300, 1000);
        check_in_place(3, 65536);
    }
}

/* Results larger than CD_STREAM_BYTES may be stored past the cache. They are the same. */
static void check_large_add(float *out, int64_t out_step, float *a, float *b, int64_t b_step,
                            int64_t n)
{
    cd_iter it = { .operands = 3,
                   .ndim = 1,
                   .size = { n },
                   .stride = { { 4 * out_step }, { 4 }, { 4 * b_step } },
                   .data = { (char *)out, (char *)a, (char *)b },
                   .element = 4 };
    const float last = a[n - 1] + b[(n - 1) * b_step];
    cd_cpu_iter_coalesce(&it);
    cd_cpu_map(&it, cd_cpu_loop(CD_MAP_add, CD_F32), NULL);
    assert_true(out[(n - 1) * out_step] == last);
    for (int64_t i = 0; i < n && out != a; i += i % 1000 < 990 ? 1 : 5003) {
        assert_true(out[i * out_step] == a[i] + b[i * b_step]);
    }
}

static void large_results_go_past_the_cache(void **state)
{
    (void)state;
    const int64_t n = 8500003;
    float *a = malloc((size_t)n * 4), *b = malloc((size_t)n * 4), *out = malloc((size_t)n * 8 + 8);
    for (int64_t i = 0; i < n; i++) {
        a[i] = (float)(i % 1013);
        b[i] = (float)(i % 3137);
    }
    for (int build = 0; build < BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) continue;
        for (int t = 0; t < 2; t++) {
            assert_true(cd_set_num_threads(thread_counts[t]));
            memset(out, 0, (size_t)n * 8 + 8);
            check_large_add(out, 1, a, b, 1, n);
            check_large_add(out + 1, 1, a, b, 0,
                            n); /* begins within a line; b is a single number */
            out[n + 1] = 77;
            check_large_add(out + 1, 1, a, b, 1, n);
            assert_true(out[n + 1] == 77);
            check_large_add(out, 2, a, b, 1, n); /* the output is not contiguous */
            assert_true(out[1] == a[0] + b[0] && out[3] == a[2] + b[2]);
        }
    }
    check_large_add(a, 1, a, b, 1, n); /* in place */
    free(a);
    free(b);
    free(out);
}

/* Bytes from floats: runs of the output and of the inputs differ in length. */
static void large_comparisons_go_past_the_cache(void **state)
{
    (void)state;
    const int64_t n = 33600001;
    float *a = malloc((size_t)n * 4), half = 0.5f;
    uint8_t *out = malloc((size_t)n);
    for (int64_t i = 0; i < n; i++) a[i] = (float)(i % 7 % 2);
    cd_iter it = { .operands = 3,
                   .ndim = 1,
                   .size = { n },
                   .stride = { { 1 }, { 4 }, { 0 } },
                   .data = { (char *)out, (char *)a, (char *)&half },
                   .element = 1 };
    cd_cpu_map(&it, cd_cpu_loop(CD_MAP_gt, CD_F32), NULL);
    for (int64_t i = 0; i < n; i += 3) assert_int_equal(out[i], i % 7 % 2);
    free(a);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(contiguous_operands_become_one_dimension),
        TEST(channels_last_operands_become_one_dimension),
        TEST(a_bias_leaves_two_dimensions),
        TEST(any_order_of_memory_is_walked_right),
        TEST(sizes_of_zero_and_one),
        TEST(large_maps_are_the_same_for_any_number_of_threads),
        TEST(each_element_is_computed_once),
        TEST(large_results_go_past_the_cache),
        TEST(large_comparisons_go_past_the_cache),
    };
    return RUN(tests);
}
