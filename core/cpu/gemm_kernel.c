#include "core/cpu/cpu_internal.h"
#include "core/cpu/gemm_internal.h"

#include <string.h>

#include "core/cpu/turn_internal.h"

static inline int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#ifdef CD_CPU_AVX2
/* to[p * stride + i] = from[i][first + p] for i, p < 8; for f64 for i, p < 4. */
static void turn_f32(const float *const *from, int64_t first, float *to, int64_t stride)
{
    __m256 row[8];
    for (int i = 0; i < 8; i++) row[i] = _mm256_loadu_ps(from[i] + first);
    cd_turn_f32(row);
    for (int i = 0; i < 8; i++) _mm256_storeu_ps(to + i * stride, row[i]);
}

static void turn_f64(const double *const *from, int64_t first, double *to, int64_t stride)
{
    __m256d row[4];
    for (int i = 0; i < 4; i++) row[i] = _mm256_loadu_pd(from[i] + first);
    cd_turn_f64(row);
    for (int i = 0; i < 4; i++) _mm256_storeu_pd(to + i * stride, row[i]);
}
#endif

/* The tile that stays in registers. AVX-512: 8 rows by 3 vectors of 64 bytes, 24 of 32 registers.
 * AVX2: 6 rows by 2 vectors of 32 bytes, 12 of 16 registers. Both keep two multipliers busy for
 * their 4 or 5 cycles of latency. B stays where it lies when no more than IN_PLACE_ROWS read it;
 * with B_IN_PARTS a part of a vector of it too, since masks cost nothing there. */
#ifdef CD_CPU_AVX512
enum { ROWS = 8, VECTORS = 3, TILE_BYTES = 192, IN_PLACE_ROWS = 128, B_IN_PARTS = true };
#define EACH_ROWS(X, vectors_)                                                                     \
    X(1, vectors_)                                                                                 \
    X(2, vectors_)                                                                                 \
    X(3, vectors_)                                                                                 \
    X(4, vectors_)                                                                                 \
    X(5, vectors_)                                                                                 \
    X(6, vectors_)                                                                                 \
    X(7, vectors_)                                                                                 \
    X(8, vectors_)
#else
enum { ROWS = 6, VECTORS = 2, TILE_BYTES = 64, IN_PLACE_ROWS = 64, B_IN_PARTS = false };
#define EACH_ROWS(X, vectors_)                                                                     \
    X(1, vectors_)                                                                                 \
    X(2, vectors_)                                                                                 \
    X(3, vectors_)                                                                                 \
    X(4, vectors_)                                                                                 \
    X(5, vectors_)                                                                                 \
    X(6, vectors_)
#endif

#define REAL         float
#define SQUARE       8 /* divides the columns of every strip */
#define TYPED(name_) name_##_f32
#ifdef CD_CPU_AVX512
#define VECTOR              __m512
#define INTRINSIC(op_)      _mm512_##op_##_ps
#define MASK                __mmask16
#define HALF_VECTOR         __m256
#define HALF_INTRINSIC(op_) _mm256_##op_##_ps
#define HALF_MASK           __mmask8
#elif defined(CD_CPU_AVX2)
#define VECTOR         __m256
#define INTRINSIC(op_) _mm256_##op_##_ps
#define MASK           __m256i
static const int32_t lanes_f32[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };
#endif
#include "core/cpu/gemm_blocked.h"
#undef REAL
#undef SQUARE
#undef TYPED
#undef VECTOR
#undef INTRINSIC
#undef MASK
#undef HALF_VECTOR
#undef HALF_INTRINSIC
#undef HALF_MASK

#define REAL         double
#define SQUARE       4
#define TYPED(name_) name_##_f64
#ifdef CD_CPU_AVX512
#define VECTOR              __m512d
#define INTRINSIC(op_)      _mm512_##op_##_pd
#define MASK                __mmask8
#define HALF_VECTOR         __m256d
#define HALF_INTRINSIC(op_) _mm256_##op_##_pd
#define HALF_MASK           __mmask8
#elif defined(CD_CPU_AVX2)
#define VECTOR         __m256d
#define INTRINSIC(op_) _mm256_##op_##_pd
#define MASK           __m256i
static const int64_t lanes_f64[8] = { -1, -1, -1, -1 };
#endif
#include "core/cpu/gemm_blocked.h"

const struct cd_cpu_gemm CD_CPU_TABLE(gemm) = {
    .f32 = block_f32, .f64 = block_f64, .tile_rows = ROWS, .tile_bytes = TILE_BYTES
};
