/* Products of vectors and of few rows. Few rows by a B that is stored transposed are computed by
 * dot products, one column as one row, and few rows by wide tiles. */
#include "gemm.h"

#include <sys/mman.h>
#include <unistd.h>

/* Sizes around the limits in the kernels: the rows, columns and lanes of a group of dot products,
 * the products that are added up at a time, and the sizes up to which dot products are chosen. */
static const int64_t rows[] = { 1, 2, 3, 4, 5, 8, 9, 16, 17 };
static const int64_t columns[] = { 1, 2, 3, 4, 5, 7, 8, 33 };
static const int64_t depths[] = { 1, 7, 8, 9, 15, 16, 17, 127, 128, 140, 1023, 1024, 1025 };
enum {
    ROWS = sizeof rows / sizeof *rows,
    COLUMNS = sizeof columns / sizeof *columns,
    DEPTHS = sizeof depths / sizeof *depths
};

static void try_all_sizes(options o)
{
    for (int i = 0; i < ROWS * COLUMNS * DEPTHS; i++) {
        o.m = rows[i % ROWS];
        o.n = columns[i / ROWS % COLUMNS];
        o.k = depths[i / ROWS / COLUMNS];
        try_all_ways(o);
    }
}

static void few_rows_by_a_transposed_b(void **state)
{
    (void)state;
    try_all_sizes((options){ .alpha = 1, .whole = true, .transpose_b = true });
}

static void few_rows_by_a_plain_b(void **state)
{
    (void)state;
    try_all_sizes((options){ .alpha = 1, .whole = true });
}

static void scaled_added_and_with_gaps(void **state)
{
    (void)state;
    options o = { .alpha = -2, .beta = 0.5, .whole = true, .transpose_b = true, .gap = 3 };
    try_all_sizes(o);
    o.beta = 1;
    o.transpose_a = true;
    try_all_sizes(o);
}

static void noise_is_within_rounding(void **state)
{
    (void)state;
    try_all_sizes((options){ .alpha = 1.25, .beta = 0.75, .transpose_b = true });
}

/* One column, and one row, in all layouts. With a gap, each element of a column is in a row of its
 * own. */
static void one_column_in_every_layout(void **state)
{
    (void)state;
    for (int i = 0; i < 64; i++) {
        options o = {
            .m = 37, .n = 1, .k = 150, .alpha = 1, .beta = i & 8 ? 0.5 : 0, .whole = true
        };
        o.transpose_a = i & 1;
        o.transpose_b = i & 2;
        o.gap = i & 4 ? 2 : 0;
        o.transpose_c = i & 16;
        if (i & 32) o.m = 1, o.n = 37;
        try_all_ways(o);
    }
}

static void c_may_be_stored_transposed(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        options o = {
            .m = 13, .n = 53, .k = 300, .alpha = 2, .beta = 0.5, .whole = true, .gap = 1
        };
        o.transpose_a = i & 1;
        o.transpose_b = i & 2;
        o.transpose_c = true;
        if (i & 4) o.m = 130;
        try_all_ways(o);
    }
    int32_t a[2] = { 1, 2 }, b[2] = { 3, 4 }, c[4] = { 9, 9, 9, 9 };
    cd_gemm_call call = { .m = 2, .n = 2, .k = 1, .alpha = 1, .a = a, .lda = 1, .b = b, .ldb = 2 };
    call.c = c;
    call.ldc = 2;
    call.transpose_c = true;
    cd_cpu_gemm(CD_I32, &call);
    const int32_t transposed[4] = { 3, 6, 4, 8 };
    assert_memory_equal(c, transposed, sizeof c);

    float f[3] = { 1, 2, 3 };
    cd_cpu_gemm(CD_F32,
                &(cd_gemm_call){
                    .m = 1, .n = 2, .k = 0, .beta = 3, .c = f, .ldc = 2, .transpose_c = true });
    assert_close((double)f[0], 3, 0, 0);
    assert_close((double)f[1], 2, 0, 0);
    assert_close((double)f[2], 9, 0, 0);
}

static void beta_zero_does_not_read(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        problem p = make(CD_F32, (options){ .m = i & 1 ? 1 : 3,
                                            .n = 21,
                                            .k = 1300,
                                            .alpha = 1,
                                            .whole = true,
                                            .transpose_b = i & 2 });
        for (way by = 0; by < WAYS; by++) {
            for (int64_t j = 0; j < p.c_count; j++) ((float *)p.c)[j] = NAN;
            multiply(by, CD_F32, &p.call);
            check(&p, way_names[by], true);
        }
        end(&p);
    }
}

/* 0 * Inf is NaN in its own row and column of C, and nowhere else: both for elements in the middle
 * of B's rows and for those beyond the last whole vector. */
static void nan_and_infinity_stay_in_their_place(void **state)
{
    (void)state;
    enum { M = 3, N = 11, K = 150 };
    for (int i = 0; i < 4; i++) {
        bool transposed = i & 1;
        int64_t q = i & 2 ? K - 1 : 40;
        problem p = make(
            CD_F32,
            (options){
                .m = M, .n = N, .k = K, .alpha = 1, .whole = true, .transpose_b = transposed });
        ((float *)p.b)[transposed ? 9 * K + q : q * N + 9] = INFINITY;
        ((float *)p.a)[0 * K + q] = 0;
        ((float *)p.a)[1 * K + q] = 3;
        ((float *)p.a)[2 * K + 7] = NAN;
        for (way by = 0; by < WAYS; by++) {
            multiply(by, CD_F32, &p.call);
            const float *c = p.c;
            assert_true(isnan(c[9]));
            assert_true(isinf(c[N + 9]) && c[N + 9] > 0);
            for (int j = 0; j < N; j++) {
                assert_true(isnan(c[2 * N + j]));
                if (j != 9) assert_true(isfinite(c[j]) && isfinite(c[N + j]));
            }
        }
        end(&p);
    }
}

/* Neither A nor B is read beyond its end. Here both end before a page that may not be read. */
static void nothing_is_read_beyond_the_ends(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages[2];
    for (int i = 0; i < 2; i++) {
        pages[i] = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(pages[i] != MAP_FAILED);
        assert_int_equal(mprotect(pages[i] + 3 * page, page, PROT_NONE), 0);
    }
    for (int i = 0; i < 2 * 2 * 140; i++) {
        cd_dtype dtype = i & 1 ? CD_F64 : CD_F32;
        int64_t k = 1 + i / 4, m = 1 + k % 4;
        problem p = make(
            dtype,
            (options){ .m = m, .n = 6, .k = k, .alpha = 1, .whole = true, .transpose_b = i & 2 });
        void *own[2] = { p.a, p.b };
        size_t a_bytes = (size_t)(m * k) * cd_dtype_size(dtype);
        size_t b_bytes = (size_t)(6 * k) * cd_dtype_size(dtype);
        p.call.a = p.a = memcpy(pages[0] + 3 * page - a_bytes, p.a, a_bytes);
        p.call.b = p.b = memcpy(pages[1] + 3 * page - b_bytes, p.b, b_bytes);
        for (way by = 0; by < WAYS; by++) {
            restart(&p);
            multiply(by, dtype, &p.call);
            check(&p, way_names[by], true);
        }
        p.a = own[0];
        p.b = own[1];
        end(&p);
    }
    for (int i = 0; i < 2; i++) assert_int_equal(munmap(pages[i], 4 * page), 0);
}

static void threads_do_not_change_bits(void **state)
{
    (void)state;
    static const int64_t sizes[][3] = { { 1, 3000, 1100 }, { 4, 700, 900 },  { 8, 999, 777 },
                                        { 3000, 1, 1100 }, { 16, 600, 500 }, { 1, 1, 2000000 } };
    int before = cd_num_threads();
    for (size_t s = 0; s < 2 * sizeof sizes / sizeof *sizes; s++) {
        problem p = make(CD_F32, (options){ .m = sizes[s / 2][0],
                                            .n = sizes[s / 2][1],
                                            .k = sizes[s / 2][2],
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

/* The lanes of a dot product are the same in every build with fused multiply-adds. */
static void avx2_and_avx512_give_the_same_bits(void **state)
{
    (void)state;
    if (!cd_cpu_force("avx512")) skip();
    for (int i = 0; i < 8; i++) {
        problem p = make(i & 1 ? CD_F64 : CD_F32, (options){ .m = i & 2 ? 1 : 7,
                                                             .n = 333,
                                                             .k = 1234,
                                                             .alpha = 0.7,
                                                             .beta = 0.3,
                                                             .transpose_a = i & 4,
                                                             .transpose_b = true });
        size_t bytes = (size_t)p.c_count * cd_dtype_size(p.dtype);
        void *first = cd_alloc(bytes);
        restart(&p);
        multiply(AVX2, p.dtype, &p.call);
        memcpy(first, p.c, bytes);
        restart(&p);
        multiply(AVX512, p.dtype, &p.call);
        assert_memory_equal(p.c, first, bytes);
        cd_free(first);
        end(&p);
    }
}

/* A row among few, as dot products are for, has the same bits as alone. */
static void a_row_has_the_same_bits_among_few(void **state)
{
    (void)state;
    enum { M = 8, N = 51, K = 1100 };
    for (int i = 0; i < 2; i++) {
        problem p = make(CD_F32, (options){ .m = M, .n = N, .k = K, .alpha = 1, .transpose_b = i });
        for (way by = 0; by < WAYS; by++) {
            multiply(by, CD_F32, &p.call);
            float row[N];
            cd_gemm_call one = p.call;
            one.m = 1;
            one.c = row;
            for (int64_t r = 0; r < M; r++) {
                one.a = (const float *)p.a + r * K;
                multiply(by, CD_F32, &one);
                assert_memory_equal(row, (const float *)p.c + r * N, sizeof row);
            }
        }
        end(&p);
    }
}

/* A panel of one tile, which a thread uses when it finds no free panel, gives the same bits. */
static void a_small_panel_gives_the_same_bits(void **state)
{
    (void)state;
    enum { M = 7, N = 50, K = 1100 };
    problem p =
        make(CD_F64,
             (options){
                 .m = M, .n = N, .k = K, .alpha = 0.7, .transpose_a = true, .transpose_b = true });
    cd_cpu_gemm(CD_F64, &p.call);
    double other[M * N];
    void *b = cd_alloc((size_t)CD_GEMM_MOST_BYTES * CD_GEMM_DEPTH);
    cd_gemm_call call = p.call;
    call.c = other;
    cd_cpu_kernels()->gemm->dots[CD_F64](&call, &(cd_gemm_block){ 0, M, 0, N },
                                         &(cd_gemm_panel){ .b = b, .b_strips = 1 });
    assert_memory_equal(other, p.c, sizeof other);
    cd_free(b);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(few_rows_by_a_transposed_b),
        TEST(few_rows_by_a_plain_b),
        TEST(scaled_added_and_with_gaps),
        TEST(noise_is_within_rounding),
        TEST(one_column_in_every_layout),
        TEST(c_may_be_stored_transposed),
        TEST(beta_zero_does_not_read),
        TEST(nan_and_infinity_stay_in_their_place),
        TEST(nothing_is_read_beyond_the_ends),
        TEST(threads_do_not_change_bits),
        TEST(avx2_and_avx512_give_the_same_bits),
        TEST(a_row_has_the_same_bits_among_few),
        TEST(a_small_panel_gives_the_same_bits),
    };
    return RUN(tests);
}
