/* Products by tiles: values, layouts, special values, threads and builds. */
#include "gemm.h"

#include <sys/mman.h>
#include <unistd.h>

static const int64_t odd_sizes[][3] = {
    { 1, 1, 1 },    { 1, 17, 5 },    { 7, 1, 9 },     { 5, 8, 1 },     { 6, 16, 32 },
    { 13, 31, 29 }, { 2, 100, 257 }, { 97, 33, 256 }, { 101, 9, 300 }, { 3, 530, 40 },
    { 8, 48, 8 },   { 9, 52, 17 },   { 140, 56, 7 },
};
enum { ODD_SIZES = sizeof odd_sizes / sizeof *odd_sizes };

/* All odd sizes, with each of A and B stored plainly and transposed. */
static void try_odd_sizes(options o)
{
    for (int i = 0; i < ODD_SIZES * 4; i++) {
        o.m = odd_sizes[i / 4][0];
        o.n = odd_sizes[i / 4][1];
        o.k = odd_sizes[i / 4][2];
        o.transpose_a = i & 1;
        o.transpose_b = i & 2;
        try_all_ways(o);
    }
}

static void whole_numbers_are_exact(void **state)
{
    (void)state;
    try_odd_sizes((options){ .alpha = 1, .beta = 0, .whole = true });
}

static void adds_to_what_is_there(void **state)
{
    (void)state;
    try_odd_sizes((options){ .alpha = 1, .beta = 1, .whole = true });
}

static void alpha_and_beta_scale(void **state)
{
    (void)state;
    try_odd_sizes((options){ .alpha = -2, .beta = 0.5, .whole = true });
}

static void rows_may_lie_apart(void **state)
{
    (void)state;
    try_odd_sizes((options){ .alpha = 1, .beta = 1, .whole = true, .gap = 3 });
}

static void noise_is_within_rounding(void **state)
{
    (void)state;
    try_odd_sizes((options){ .alpha = 1.25, .beta = 0.75 });
}

static void a_large_product_is_exact(void **state)
{
    (void)state;
    try_all_ways((options){ .m = 203, .n = 1100, .k = 270, .alpha = 1, .whole = true });
    try_all_ways((options){
        .m = 333, .n = 67, .k = 700, .alpha = 1, .beta = 1, .whole = true, .transpose_a = true });
}

static void beta_zero_does_not_read(void **state)
{
    (void)state;
    problem p = make(CD_F32, (options){ .m = 20, .n = 35, .k = 300, .alpha = 1, .whole = true });
    for (way by = 0; by < WAYS; by++) {
        for (int64_t i = 0; i < p.c_count; i++) ((float *)p.c)[i] = NAN;
        multiply(by, CD_F32, &p.call);
        check(&p, way_names[by], true);
    }
    end(&p);
}

static void without_products_beta_is_left(void **state)
{
    (void)state;
    float a = NAN, b = NAN, c[6];
    cd_gemm_call call = { .m = 2,
                          .n = 2,
                          .k = 0,
                          .alpha = 1,
                          .beta = 2,
                          .a = &a,
                          .lda = 1,
                          .b = &b,
                          .ldb = 2,
                          .c = c,
                          .ldc = 3 };
    const float start[6] = { 1, 2, 3, 4, 5, 6 }, doubled[6] = { 2, 4, 3, 8, 10, 6 };
    for (way by = 0; by < WAYS; by++) {
        memcpy(c, start, sizeof c);
        multiply(by, CD_F32, &call);
        assert_memory_equal(c, doubled, sizeof c);
        cd_gemm_call skipped = call;
        skipped.k = 1;
        skipped.alpha = 0;
        skipped.m = 1;
        skipped.n = 1;
        skipped.beta = 0;
        c[0] = NAN;
        multiply(by, CD_F32, &skipped);
        assert_close((double)c[0], 0, 0, 0);
    }
}

static void nothing_is_done_to_no_rows(void **state)
{
    (void)state;
    float c = 5;
    cd_gemm_call call = { .m = 0, .n = 3, .k = 2, .alpha = 1, .c = &c, .ldc = 3 };
    cd_cpu_gemm(CD_F32, &call);
    call.m = 3;
    call.n = 0;
    cd_cpu_gemm(CD_F32, &call);
    cd_cpu_gemm(CD_I32, &call);
    assert_close((double)c, 5, 0, 0);
}

/* 0 * Inf is NaN in the row and column it belongs to, and nowhere else. */
static void nan_and_infinity_stay_in_their_place(void **state)
{
    (void)state;
    enum { M = 9, N = 21, K = 270 };
    problem p = make(CD_F32, (options){ .m = M, .n = N, .k = K, .alpha = 1, .whole = true });
    ((float *)p.a)[4 * K + 260] = 0;
    ((float *)p.b)[260 * N + 19] = INFINITY;
    ((float *)p.a)[7 * K + 3] = NAN;
    ((float *)p.a)[2 * K + 260] = 3;
    for (way by = 0; by < WAYS; by++) {
        multiply(by, CD_F32, &p.call);
        const float *c = p.c;
        assert_true(isnan(c[4 * N + 19]));
        assert_true(isinf(c[2 * N + 19]) && c[2 * N + 19] > 0);
        for (int64_t i = 0; i < M; i++) {
            for (int64_t j = 0; j < N; j++) {
                if (i == 7) assert_true(isnan(c[i * N + j]));
                if (i != 7 && j != 19) assert_true(isfinite(c[i * N + j]));
            }
        }
    }
    end(&p);
}

static void threads_do_not_change_bits(void **state)
{
    (void)state;
    static const int64_t sizes[][3] = { { 128, 256, 784 }, { 1000, 100, 64 }, { 64, 1500, 147 },
                                        { 300, 300, 300 }, { 9, 4000, 50 },   { 64, 100, 1000 } };
    int before = cd_num_threads();
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        problem p = make(CD_F32, (options){ .m = sizes[s][0],
                                            .n = sizes[s][1],
                                            .k = sizes[s][2],
                                            .alpha = 1,
                                            .transpose_b = s & 1 });
        size_t bytes = (size_t)p.c_count * sizeof(float);
        void *first = cd_alloc(bytes);
        for (way by = 0; by < WAYS; by++) {
            for (int i = 0; i < 5; i++) {
                cd_set_num_threads((int[]){ 1, 2, 3, 4, 8 }[i]);
                multiply(by, CD_F32, &p.call);
                if (i == 0) memcpy(first, p.c, bytes);
                assert_memory_equal(p.c, first, bytes);
            }
        }
        cd_free(first);
        end(&p);
    }
    cd_set_num_threads(before);
}

/* A row computed by tiles has the same bits whatever the other rows are. */
static void a_row_does_not_depend_on_the_batch(void **state)
{
    (void)state;
    enum { M = 64, N = 150, K = 600 };
    problem p = make(CD_F32, (options){ .m = M, .n = N, .k = K, .alpha = 1 });
    cd_cpu_gemm(CD_F32, &p.call);
    float row[N];
    cd_gemm_call one = p.call;
    one.m = 1;
    one.c = row;
    for (int64_t i = 0; i < M; i++) {
        one.a = (const float *)p.a + i * K;
        cd_cpu_gemm(CD_F32, &one);
        assert_memory_equal(row, (const float *)p.c + i * N, sizeof row);
    }
    end(&p);
}

/* Every tile: up to two rows more than the largest has, and every number of columns up to more than
 * two strips. There are gaps between C's rows, so that a store that is too wide is noticed. */
static void every_edge_of_a_tile(void **state)
{
    (void)state;
    for (int64_t m = 1; m <= 10; m++) {
        for (int64_t n = 1; n <= 101; n += n < 52 ? 1 : 7) {
            options o = { .m = m, .n = n, .k = 9, .alpha = 1, .beta = n % 2 == 1, .whole = true };
            o.transpose_a = m & 1;
            o.transpose_b = n & 2;
            o.gap = 2;
            try_all_ways(o);
        }
    }
}

/* A B that is not packed is not read beyond its end. Here B ends before a page that may not be
 * read: the address sanitizer does not notice masked loads. */
static void b_in_place_is_not_read_beyond_its_end(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    assert_int_equal(mprotect(pages + 3 * page, page, PROT_NONE), 0);
    for (int64_t n = 1; n <= 60; n++) {
        for (int f64 = 0; f64 < 2; f64++) {
            cd_dtype dtype = f64 ? CD_F64 : CD_F32;
            problem p = make(dtype, (options){ .m = 9, .n = n, .k = 3, .alpha = 1, .whole = true });
            size_t bytes = (size_t)(3 * n) * cd_dtype_size(dtype);
            p.call.b = memcpy(pages + 3 * page - bytes, p.b, bytes);
            cd_free(p.b);
            p.b = NULL;
            for (way by = 0; by < WAYS; by++) {
                restart(&p);
                multiply(by, dtype, &p.call);
                for (int64_t i = 0; i < p.c_count; i++) {
                    double sum = 0;
                    for (int64_t q = 0; q < 3; q++) {
                        sum += get_element(p.a, dtype, i / n * 3 + q) *
                               get_element(p.call.b, dtype, q * n + i % n);
                    }
                    assert_close(get_element(p.c, dtype, i), sum, 0, 0);
                }
            }
            end(&p);
        }
    }
    assert_int_equal(munmap(pages, 4 * page), 0);
}

/* A tile sums in the same order in every build with fused multiply-adds. */
static void avx2_and_avx512_give_the_same_bits(void **state)
{
    (void)state;
    if (!cd_cpu_force("avx512")) skip();
    for (int transposes = 0; transposes < 4; transposes++) {
        problem p = make(CD_F32, (options){ .m = 150,
                                            .n = 333,
                                            .k = 520,
                                            .alpha = 0.7,
                                            .beta = 0.3,
                                            .transpose_a = transposes & 1,
                                            .transpose_b = transposes & 2 });
        size_t bytes = (size_t)p.c_count * sizeof(float);
        void *first = cd_alloc(bytes);
        restart(&p);
        multiply(AVX2, CD_F32, &p.call);
        memcpy(first, p.c, bytes);
        restart(&p);
        multiply(AVX512, CD_F32, &p.call);
        assert_memory_equal(p.c, first, bytes);
        cd_free(first);
        end(&p);
    }
}

/* A panel of one tile, which a thread uses when it finds no free panel, gives the same bits. */
static void a_small_panel_gives_the_same_bits(void **state)
{
    (void)state;
    enum { M = 100, N = 333, K = 520 };
    problem p = make(CD_F32, (options){ .m = M, .n = N, .k = K, .alpha = 0.7, .beta = 0.3 });
    restart(&p);
    cd_cpu_gemm(CD_F32, &p.call);
    float *other = cd_alloc(sizeof(float) * (size_t)p.c_count);
    memcpy(other, p.start, sizeof(float) * (size_t)p.c_count);
    float *a = cd_alloc(sizeof(float) * CD_GEMM_MOST_ROWS * CD_GEMM_DEPTH);
    void *b = cd_alloc((size_t)CD_GEMM_MOST_BYTES * CD_GEMM_DEPTH);
    cd_gemm_panel panel = {
        .a = a, .a_rows = cd_cpu_kernels()->gemm->tile_rows, .b = b, .b_strips = 1
    };
    cd_gemm_call call = p.call;
    call.c = other;
    cd_cpu_kernels()->gemm->tiles[CD_F32](&call, &(cd_gemm_block){ 0, M, 0, N }, &panel);
    assert_memory_equal(other, p.c, sizeof(float) * (size_t)p.c_count);
    cd_free(a);
    cd_free(b);
    cd_free(other);
    end(&p);
}

/* B gathered by two tables. Some of its columns are neighbours in memory, some are not. */
static void b_may_be_gathered(void **state)
{
    (void)state;
    enum { M = 14, N = 71, K = 300 };
    for (int f64 = 0; f64 < 2; f64++) {
        problem p = make(f64 ? CD_F64 : CD_F32,
                         (options){ .m = M, .n = N, .k = K, .alpha = 1, .beta = 1, .whole = true });
        int64_t rows[K], columns[N];
        for (int64_t q = 0; q < K; q++) rows[q] = q * 37 % 101;
        for (int64_t j = 0; j < N; j++) columns[j] = j < 40 ? 500 + j : j * j % 97;
        p.call.b_row = rows;
        p.call.b_column = columns;
        for (way by = 0; by < WAYS; by++) {
            restart(&p);
            multiply(by, p.dtype, &p.call);
            check(&p, way_names[by], true);
        }
        end(&p);
    }
}

static void integers_wrap_around(void **state)
{
    (void)state;
    int64_t a64[4] = { INT64_MAX, 2, -3, 4 }, b64[4] = { 2, 1, 5, -1 }, c64[4] = { 1, 1, 1, 1 };
    cd_gemm_call call = { .m = 2,
                          .n = 2,
                          .k = 2,
                          .alpha = 1,
                          .beta = 1,
                          .a = a64,
                          .lda = 2,
                          .b = b64,
                          .ldb = 2,
                          .c = c64,
                          .ldc = 2 };
    cd_cpu_gemm(CD_I64, &call);
    assert_int_equal(c64[0], 9); /* 2 * (2^63 - 1) is -2 */
    assert_int_equal(c64[1], INT64_MAX - 1);
    assert_int_equal(c64[2], 15);
    assert_int_equal(c64[3], -6);

    int32_t a32[2] = { INT32_MAX, -7 }, b32[2] = { 3, 2 }, c32[1] = { 99 };
    cd_cpu_gemm(CD_I32, &(cd_gemm_call){ .m = 1,
                                         .n = 1,
                                         .k = 2,
                                         .alpha = 1,
                                         .a = a32,
                                         .lda = 2,
                                         .b = b32,
                                         .ldb = 1,
                                         .c = c32,
                                         .ldc = 1 });
    assert_int_equal(c32[0], (int32_t)(uint32_t)(3ll * INT32_MAX - 14));

    uint8_t a8[6] = { 1, 2, 3, 200, 100, 50 }, b8[3] = { 3, 2, 1 }, c8[2] = { 10, 10 };
    cd_cpu_gemm(CD_U8, &(cd_gemm_call){ .m = 2,
                                        .n = 1,
                                        .k = 3,
                                        .alpha = 1,
                                        .a = a8,
                                        .lda = 2,
                                        .transpose_a = true,
                                        .b = b8,
                                        .ldb = 3,
                                        .transpose_b = true,
                                        .c = c8,
                                        .ldc = 1 });
    assert_int_equal(c8[0], 1 * 3 + 3 * 2 + 100);
    assert_int_equal(c8[1], (2 * 3 + 200 * 2 + 50) & 255);
}

/* A product asks the allocator for nothing, so that it cannot fail. */
static bool refuse(size_t bytes)
{
    (void)bytes;
    return true;
}

static void works_without_memory(void **state)
{
    (void)state;
    options o = { .m = 130, .n = 270, .k = 260, .alpha = 1, .whole = true };
    problem p = make(CD_F64, o);
    cd_memory_fault_hook = refuse;
    multiply(AVX512, CD_F64, &p.call);
    cd_memory_fault_hook = NULL;
    check(&p, "without memory", true);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_numbers_are_exact),
        TEST(adds_to_what_is_there),
        TEST(alpha_and_beta_scale),
        TEST(rows_may_lie_apart),
        TEST(noise_is_within_rounding),
        TEST(a_large_product_is_exact),
        TEST(beta_zero_does_not_read),
        TEST(without_products_beta_is_left),
        TEST(nothing_is_done_to_no_rows),
        TEST(nan_and_infinity_stay_in_their_place),
        TEST(threads_do_not_change_bits),
        TEST(a_row_does_not_depend_on_the_batch),
        TEST(every_edge_of_a_tile),
        TEST(b_in_place_is_not_read_beyond_its_end),
        TEST(avx2_and_avx512_give_the_same_bits),
        TEST(a_small_panel_gives_the_same_bits),
        TEST(b_may_be_gathered),
        TEST(integers_wrap_around),
        TEST(works_without_memory),
    };
    return RUN(tests);
}
