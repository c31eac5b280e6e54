/* Copies: transposed ones, and those that store past the cache. */
#include "kernels.h"

#include <stdlib.h>

#include "core/cpu/copy_internal.h"

/* A copy to a contiguous array, from one whose dimensions lie in memory in the order `from`,
 * outermost first. */
typedef struct copying {
    int ndim;
    int64_t size[4];
    int from[4];
} copying;

static void strides_of(const copying *c, const int *order, int64_t element, int64_t *stride)
{
    for (int i = c->ndim - 1; i >= 0; i--) {
        stride[order[i]] = element;
        element *= c->size[order[i]];
    }
}

static cd_iter iter_of(const copying *c, cd_dtype dtype, void *to, void *from)
{
    static const int in_order[4] = { 0, 1, 2, 3 };
    cd_iter it = { .operands = 2, .ndim = c->ndim, .data = { to, from } };
    for (int d = 0; d < c->ndim; d++) it.size[d] = c->size[d];
    strides_of(c, in_order, (int64_t)cd_dtype_size(dtype), it.stride[0]);
    strides_of(c, c->from, (int64_t)cd_dtype_size(dtype), it.stride[1]);
    return it;
}

static int64_t count_of(const copying *c)
{
    int64_t count = 1;
    for (int d = 0; d < c->ndim; d++) count *= c->size[d];
    return count;
}

/* The same copy, element by element. */
static void copy_plainly(const copying *c, cd_dtype dtype, void *to, void *from)
{
    const size_t element = cd_dtype_size(dtype);
    const cd_iter it = iter_of(c, dtype, to, from);
    char *out = to;
    for (int64_t i = 0; i < count_of(c); i++, out += element) {
        const char *in = from;
        int64_t rest = i;
        for (int d = c->ndim - 1; d >= 0; d--) {
            in += rest % it.size[d] * it.stride[1][d];
            rest /= it.size[d];
        }
        memcpy(out, in, element);
    }
}

static void check(const copying *c, cd_dtype dtype)
{
    const size_t bytes = (size_t)count_of(c) * cd_dtype_size(dtype);
    char *from = malloc(bytes + 1), *right = malloc(bytes + 1), *to = malloc(bytes + 1);
    for (size_t i = 0; i < bytes; i++) {
        from[i] = (char)(dtype == CD_BOOL ? random_bits() & 1 : random_bits());
    }
    copy_plainly(c, dtype, right, from);
    for (int b = 0; b < BUILDS; b++) {
        if (!cd_cpu_force(every_build[b])) continue;
        memset(to, 0, bytes);
        to[bytes] = 77;
        cd_iter it = iter_of(c, dtype, to, from);
        cd_cpu_copy(&it, dtype, dtype);
        assert_memory_equal(to, right, bytes);
        assert_int_equal(to[bytes], 77);
    }
    free(from);
    free(right);
    free(to);
}

static void a_transposed_matrix_of_any_size(void **state)
{
    (void)state;
    for (int64_t rows = 14; rows < 36; rows++) {
        for (int64_t columns = 14; columns < 27; columns++) {
            const copying c = { 2, { rows, columns }, { 1, 0 } };
            check(&c, CD_F32);
            check(&c, CD_I64);
        }
    }
}

static void thin_and_empty_matrices(void **state)
{
    (void)state;
    for (int64_t rows = 0; rows < 4; rows++) {
        const copying wide = { 2, { rows, 100 }, { 1, 0 } }, tall = { 2, { 100, rows }, { 1, 0 } };
        check(&wide, CD_F32);
        check(&tall, CD_F64);
    }
}

static void every_order_of_dimensions_and_every_dtype(void **state)
{
    (void)state;
    for (int code = 0; code < 256; code++) {
        copying c = { 4, { 5, 18, 17, 33 }, { code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 } };
        int met = 0;
        for (int d = 0; d < 4; d++) met |= 1 << c.from[d];
        if (met != 15) continue;
        for (int d = 0; d < DTYPES; d++) check(&c, every_dtype[d]);
    }
}

static void more_columns_than_one_unit_of_work(void **state)
{
    (void)state;
    const copying wide = { 2, { 5003, 41 }, { 1, 0 } }, batch = { 3, { 40, 37, 53 }, { 0, 2, 1 } };
    check(&wide, CD_F32);
    check(&wide, CD_F64);
    check(&batch, CD_F32);
    check(&batch, CD_F64);
}

/* Each element of the source becomes a row. */
static void a_broadcast_source(void **state)
{
    (void)state;
    float from[40], to[40 * 30];
    fill_random(from, CD_F32, 40, true);
    cd_iter it = { .operands = 2,
                   .ndim = 2,
                   .size = { 40, 30 },
                   .stride = { { 120, 4 }, { 4, 0 } },
                   .data = { (char *)to, (char *)from } };
    cd_cpu_copy(&it, CD_F32, CD_F32);
    for (int i = 0; i < 40 * 30; i++) assert_memory_equal(&to[i], &from[i / 30], 4);
}

/* Converts to a matrix of `rows` x `columns`, from one that is stored column by column. */
static void convert(cd_dtype from, cd_dtype to, int64_t rows, int64_t columns, void *in, void *out)
{
    const int64_t wide = (int64_t)cd_dtype_size(from), size = (int64_t)cd_dtype_size(to);
    cd_iter it = { .operands = 2,
                   .ndim = 2,
                   .size = { rows, columns },
                   .stride = { { size * columns, size }, { wide, wide * rows } },
                   .data = { out, in } };
    cd_cpu_copy(&it, from, to);
}

static void a_transposed_copy_converts_too(void **state)
{
    (void)state;
    double from[30 * 40];
    float to[40 * 30];
    fill_random(from, CD_F64, 30 * 40, false);
    cd_iter it = { .operands = 2,
                   .ndim = 2,
                   .size = { 40, 30 },
                   .stride = { { 120, 4 }, { 8, 320 } },
                   .data = { (char *)to, (char *)from } };
    cd_cpu_copy(&it, CD_F64, CD_F32);
    for (int i = 0; i < 40 * 30; i++) {
        assert_true(to[i] == (float)from[i % 30 * 40 + i / 30]);
    }
}

/* With elements of 0 and 1, which every dtype has. */
static void any_dtype_becomes_any_other(void **state)
{
    (void)state;
    enum { ROWS = 40, COLUMNS = 24, COUNT = ROWS * COLUMNS };
    for (int pair = 0; pair < DTYPES * DTYPES; pair++) {
        cd_dtype from = every_dtype[pair / DTYPES], to = every_dtype[pair % DTYPES];
        static double bits[COUNT], in[COUNT], out[COUNT], back[COUNT];
        for (int i = 0; i < COUNT; i++) bits[i] = i % 7 % 2;
        convert(CD_F64, from, 1, COUNT, bits, in);
        convert(from, to, COLUMNS, ROWS, in, out);
        convert(to, CD_F64, 1, COUNT, out, back);
        for (int i = 0; i < COUNT; i++) {
            assert_that(back[i] == bits[i % ROWS * COLUMNS + i / ROWS], "%s to %s: element %d",
                        cd_dtype_name(from), cd_dtype_name(to), i);
        }
    }
}

/* --- past the cache --------------------------------------------------------------------------- */

static void a_stream_writes_only_its_bytes(void **state)
{
    (void)state;
    if (!cd_cpu_kernels()->copy->stream) return;
    _Alignas(64) char from[400], to[400];
    for (int i = 0; i < 400; i++) from[i] = (char)random_bits();
    for (int begin = 0; begin < 70; begin++) {
        for (int bytes = 0; bytes < 300; bytes += bytes < 140 ? 1 : 13) {
            memset(to, 99, sizeof to);
            cd_cpu_kernels()->copy->stream(to + begin, from + (begin ^ 5), bytes);
            for (int i = 0; i < begin; i++) assert_int_equal(to[i], 99);
            assert_memory_equal(to + begin, from + (begin ^ 5), (size_t)bytes);
            for (int i = begin + bytes; i < 400; i++) assert_int_equal(to[i], 99);
        }
    }
}

enum {
    ROWS = 2064,
    COLUMNS = 4112
}; /* of 4 bytes each: more than CD_STREAM_BYTES, and rows are whole lines */

static void check_large(char *to, char *from, int64_t rows, int64_t columns)
{
    const copying c = { 2, { rows, columns }, { 1, 0 } };
    for (int t = 0; t < THREAD_COUNTS; t += 2) {
        assert_true(cd_set_num_threads(thread_counts[t]));
        memset(to, 0, (size_t)(rows * columns) * 4);
        cd_iter it = iter_of(&c, CD_I32, to, from);
        cd_cpu_copy(&it, CD_I32, CD_I32);
        for (int64_t r = 0; r < rows; r++) {
            for (int64_t col = r % 7; col < columns; col += 7) {
                assert_memory_equal(to + (r * columns + col) * 4, from + (col * rows + r) * 4, 4);
            }
        }
    }
}

static void large_transposed_copies_at_any_start(void **state)
{
    (void)state;
    const size_t bytes = (size_t)ROWS * COLUMNS * 4 + 64;
    char *from = aligned_alloc(64, bytes), *to = aligned_alloc(64, bytes);
    fill_random(from, CD_I32, ROWS * COLUMNS + 16, false);
    check_large(to, from, ROWS, COLUMNS);
    check_large(to + 4, from, ROWS, COLUMNS);
    check_large(to, from + 8, ROWS + 1, COLUMNS - 3); /* rows that begin within lines */
    free(from);
    free(to);
}

/* Runs of every length up to 70, the last dimension of two rows, from the last element to the
 * first. */
static void reversed_runs_are_copied(void **state)
{
    (void)state;
    enum { MOST = 70, LINES = 2 };
    static const cd_dtype dtypes[] = { CD_F32, CD_F64, CD_I64, CD_I32, CD_U8, CD_BOOL };
    for (size_t k = 0; k < sizeof dtypes / sizeof *dtypes; k++) {
        const int64_t size = (int64_t)cd_dtype_size(dtypes[k]);
        for (int64_t n = 1; n <= MOST; n++) {
            unsigned char from[LINES * MOST * 8], to[LINES * MOST * 8 + 1];
            for (size_t i = 0; i < sizeof from; i++) {
                from[i] = (unsigned char)(dtypes[k] == CD_BOOL ? i % 3 == 0 : i * 7 % 64);
            }
            memset(to, 255, sizeof to);
            cd_iter it = { .operands = 2,
                           .ndim = 2,
                           .size = { LINES, n },
                           .data = { (char *)to, (char *)from + (n - 1) * size },
                           .stride = { { n * size, size }, { n * size, -size } } };
            cd_cpu_copy(&it, dtypes[k], dtypes[k]);
            for (int64_t i = 0; i < LINES * n; i++) {
                const int64_t row = i / n, place = n - 1 - i % n;
                assert_memory_equal(to + i * size, from + (row * n + place) * size, (size_t)size);
            }
            assert_int_equal(to[LINES * n * size], 255);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_transposed_matrix_of_any_size),
        TEST(thin_and_empty_matrices),
        TEST(every_order_of_dimensions_and_every_dtype),
        TEST(more_columns_than_one_unit_of_work),
        TEST(a_broadcast_source),
        TEST(a_transposed_copy_converts_too),
        TEST(any_dtype_becomes_any_other),
        TEST(a_stream_writes_only_its_bytes),
        TEST(large_transposed_copies_at_any_start),
        TEST(reversed_runs_are_copied),
    };
    return RUN(tests);
}
