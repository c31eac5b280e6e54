#include "core/cpu/cpu_internal.h"
#include "core/cpu/gemm_internal.h"

#include <string.h>

#include "core/cpu/gemm_lanes_internal.h"
#include "core/cpu/transpose_internal.h"

static inline int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

#ifdef CD_CPU_AVX2
/* to[p * stride + i] = from[i][first + p] for i, p < 8; for f64 for i, p < 4. */
static void transpose_f32(const float *const *from, int64_t first, float *to, int64_t stride)
{
    __m256 row[8];
    for (int i = 0; i < 8; i++) row[i] = _mm256_loadu_ps(from[i] + first);
    cd_cpu_transpose_f32(row);
    for (int i = 0; i < 8; i++) _mm256_storeu_ps(to + i * stride, row[i]);
}

static void transpose_f64(const double *const *from, int64_t first, double *to, int64_t stride)
{
    __m256d row[4];
    for (int i = 0; i < 4; i++) row[i] = _mm256_loadu_pd(from[i] + first);
    cd_cpu_transpose_f64(row);
    for (int i = 0; i < 4; i++) _mm256_storeu_pd(to + i * stride, row[i]);
}
#endif

/* The tiles that stay in registers: X(rows, vectors of columns), 24 of AVX-512's 32 registers or 12
 * of AVX2's 16, which keeps two multipliers busy for their 4 or 5 cycles of latency. Few rows have
 * more columns. Tiles for fewer than SHORT_DEPTH products have no more than SHORT_ROWS rows: the
 * processor begins the next one while it stores these. B stays where it lies when no more than
 * IN_PLACE_ROWS read it. */
#define TILES_2(X, rows_) X(rows_, 1) X(rows_, 2)
#define TILES_3(X, rows_) TILES_2(X, rows_) X(rows_, 3)
#define TILES_4(X, rows_) TILES_3(X, rows_) X(rows_, 4)
#define TILES_6(X, rows_) TILES_4(X, rows_) X(rows_, 5) X(rows_, 6)
#define TILES_8(X, rows_) TILES_6(X, rows_) X(rows_, 7) X(rows_, 8)
#ifdef CD_CPU_AVX512
enum { ROWS = 8, VECTORS = 8, TILE_BYTES = 192, TILE_ELEMENTS = 24 * 16, IN_PLACE_ROWS = 128 };
static const int8_t most_vectors[ROWS + 1] = { 0, 8, 8, 8, 6, 3, 3, 3, 3 };
#define EACH_TILE(X)                                                                               \
    TILES_8(X, 1)                                                                                  \
    TILES_8(X, 2)                                                                                  \
    TILES_8(X, 3)                                                                                  \
    TILES_6(X, 4)                                                                                  \
    TILES_3(X, 5)                                                                                  \
    TILES_3(X, 6)                                                                                  \
    TILES_3(X, 7)                                                                                  \
    TILES_3(X, 8)
/* And half a vector of columns: there are processors that need half the time for it. */
#define EACH_HALF_TILE(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#define HALF_TILES        true
#elif defined(CD_CPU_AVX2)
enum { ROWS = 6, VECTORS = 8, TILE_BYTES = 64, TILE_ELEMENTS = 12 * 8, IN_PLACE_ROWS = 64 };
static const int8_t most_vectors[ROWS + 1] = { 0, 8, 6, 4, 3, 2, 2 };
#define EACH_TILE(X)                                                                               \
    TILES_8(X, 1)                                                                                  \
    TILES_6(X, 2)                                                                                  \
    TILES_4(X, 3)                                                                                  \
    TILES_3(X, 4)                                                                                  \
    TILES_2(X, 5)                                                                                  \
    TILES_2(X, 6)
#define EACH_HALF_TILE(X)
#define HALF_TILES false
#else
enum { ROWS = 6, TILE_BYTES = 64, TILE_ELEMENTS = 6 * 16, IN_PLACE_ROWS = 64 };
#endif
enum { SHORT_DEPTH = 32, SHORT_ROWS = 6 };

/* Dot products: DOT_ROWS x DOT_COLUMNS of them at a time, of DOT_BYTES of lanes each. */
#define DOT_BYTES   64
#define DOT_COLUMNS 4
#ifdef CD_CPU_AVX512
#define DOT_ROWS         4
#define MOST_DOT_ROWS    16
#define EACH_DOT_ROWS(X) X(1) X(2) X(3) X(4)
#else
#define DOT_ROWS         1
#define MOST_DOT_ROWS    8
#define EACH_DOT_ROWS(X) X(1)
#endif

#define REAL         float
#define SQUARE       8 /* divides the columns of every strip */
#define TYPED(name_) name_##_f32
#ifdef CD_CPU_AVX512
#define WIDE_VECTOR         __m512
#define WIDE_INTRINSIC(op_) _mm512_##op_##_ps
#define WIDE_MASK           __mmask16
#define HALF_MASK           __mmask8
#elif defined(CD_CPU_AVX2)
#define WIDE_VECTOR         __m256
#define WIDE_INTRINSIC(op_) _mm256_##op_##_ps
#define WIDE_MASK           __m256i
#endif
#define HALF_VECTOR         __m256
#define HALF_INTRINSIC(op_) _mm256_##op_##_ps
#include "core/cpu/gemm_blocked.h"
#include "core/cpu/gemm_dots.h"
#undef REAL
#undef SQUARE
#undef TYPED
#undef WIDE_VECTOR
#undef WIDE_INTRINSIC
#undef WIDE_MASK
#undef HALF_VECTOR
#undef HALF_INTRINSIC
#undef HALF_MASK

#define REAL         double
#define SQUARE       4
#define TYPED(name_) name_##_f64
#ifdef CD_CPU_AVX512
#define WIDE_VECTOR         __m512d
#define WIDE_INTRINSIC(op_) _mm512_##op_##_pd
#define WIDE_MASK           __mmask8
#define HALF_MASK           __mmask8
#elif defined(CD_CPU_AVX2)
#define WIDE_VECTOR         __m256d
#define WIDE_INTRINSIC(op_) _mm256_##op_##_pd
#define WIDE_MASK           __m256i
#endif
#define HALF_VECTOR         __m256d
#define HALF_INTRINSIC(op_) _mm256_##op_##_pd
#include "core/cpu/gemm_blocked.h"
#include "core/cpu/gemm_dots.h"

const struct cd_cpu_gemm CD_CPU_TABLE(gemm) = { .f32 = block_f32,
                                                .f64 = block_f64,
                                                .dots_f32 = dots_product_f32,
                                                .dots_f64 = dots_product_f64,
                                                .dot_rows = MOST_DOT_ROWS,
                                                .in_place_rows = IN_PLACE_ROWS,
                                                .tile_rows = ROWS,
                                                .tile_bytes = TILE_BYTES };
