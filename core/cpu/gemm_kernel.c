#include "core/cpu/cpu_internal.h"
#include "core/cpu/gemm_internal.h"

#include <string.h>

#ifdef CD_CPU_AVX2
#include <immintrin.h>
#endif

static inline int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#define REAL         float
#define TYPED(name_) name_##_f32
#ifdef CD_CPU_AVX2
#define VECTOR    __m256
#define ZERO      _mm256_setzero_ps
#define LOAD      _mm256_loadu_ps
#define STORE     _mm256_storeu_ps
#define BROADCAST _mm256_broadcast_ss
#define MULADD    _mm256_fmadd_ps
#define MUL       _mm256_mul_ps
#define ADD       _mm256_add_ps
#endif
#include "core/cpu/gemm_blocked.h"
#undef REAL
#undef TYPED
#undef VECTOR
#undef ZERO
#undef LOAD
#undef STORE
#undef BROADCAST
#undef MULADD
#undef MUL
#undef ADD

#define REAL         double
#define TYPED(name_) name_##_f64
#ifdef CD_CPU_AVX2
#define VECTOR    __m256d
#define ZERO      _mm256_setzero_pd
#define LOAD      _mm256_loadu_pd
#define STORE     _mm256_storeu_pd
#define BROADCAST _mm256_broadcast_sd
#define MULADD    _mm256_fmadd_pd
#define MUL       _mm256_mul_pd
#define ADD       _mm256_add_pd
#endif
#include "core/cpu/gemm_blocked.h"

const struct cd_cpu_gemm CD_CPU_TABLE(gemm) = { .f32 = block_f32, .f64 = block_f64 };
