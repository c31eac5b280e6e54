/* Transposes of square blocks in registers, for AVX2: element j of row i becomes element i of row
 * j. */
#ifndef CANDELA_CORE_CPU_TRANSPOSE_INTERNAL_H
#define CANDELA_CORE_CPU_TRANSPOSE_INTERNAL_H

#ifdef CD_CPU_AVX2
#include <immintrin.h>

/* 8 x 8. Rows are interleaved by single elements, then by pairs of elements, then by halves. */
static inline void cd_cpu_transpose_f32(__m256 row[8])
{
    __m256 pair[8];
    for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        row[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
        row[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xee);
        row[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        row[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        __m256 low = _mm256_permute2f128_ps(row[i], row[i + 4], 0x20);
        row[i + 4] = _mm256_permute2f128_ps(row[i], row[i + 4], 0x31);
        row[i] = low;
    }
}

/* 4 x 4. */
static inline void cd_cpu_transpose_f64(__m256d row[4])
{
    __m256d pair[4];
    for (int i = 0; i < 4; i += 2) {
        pair[i] = _mm256_unpacklo_pd(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_pd(row[i], row[i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        row[i] = _mm256_permute2f128_pd(pair[i], pair[i + 2], 0x20);
        row[i + 2] = _mm256_permute2f128_pd(pair[i], pair[i + 2], 0x31);
    }
}
#endif

#endif
