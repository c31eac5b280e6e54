/* Parts of vectors and sums of their lanes, for the products of gemm_kernel.c. Names end in the
 * kind of vector (see vectors_internal.h) and the dtype. For wide f32:
 *
 *     mask_wide_f32                          a choice among the lanes of a vector
 *     first_wide_f32(n)                      the mask of the first n lanes
 *     load_some_wide_f32(from, mask)         reads the elements of the mask and no other
 *     store_some_wide_f32(to, mask, n, x)    writes the first n lanes, which are those of the mask
 */
#ifndef CANDELA_CORE_CPU_GEMM_LANES_INTERNAL_H
#define CANDELA_CORE_CPU_GEMM_LANES_INTERNAL_H

#include "core/cpu/vectors_internal.h"

#ifdef CD_CPU_AVX2
#include <stdint.h>

#ifdef CD_CPU_AVX512
typedef __mmask16 mask_wide_f32;
typedef __mmask8 mask_wide_f64, mask_half_f32, mask_half_f64;

#define SOME_LANES(suffix_, type_)                                                                 \
    static inline mask_##suffix_ first_##suffix_(int64_t count)                                    \
    {                                                                                              \
        return (mask_##suffix_)((1u << count) - 1);                                                \
    }                                                                                              \
    static inline vector_##suffix_ load_some_##suffix_(const type_ *from, mask_##suffix_ some)     \
    {                                                                                              \
        return INTRINSIC_##suffix_(maskz_loadu)(some, from);                                       \
    }                                                                                              \
    static inline void store_some_##suffix_(type_ *to, mask_##suffix_ some, int64_t count,         \
                                            vector_##suffix_ value)                                \
    {                                                                                              \
        (void)count;                                                                               \
        INTRINSIC_##suffix_(mask_storeu)(to, some, value);                                         \
    }
SOME_LANES(wide_f32, float)
SOME_LANES(wide_f64, double)
SOME_LANES(half_f32, float)
SOME_LANES(half_f64, double)
#undef SOME_LANES

#else
typedef __m256i mask_wide_f32, mask_wide_f64;

/* The mask of the first `count` lanes begins `count` elements before the middle. */
static const int32_t lanes_f32[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };
static const int64_t lanes_f64[8] = { -1, -1, -1, -1 };

static inline __m256i first_wide_f32(int64_t count)
{
    return _mm256_loadu_si256((const __m256i *)(lanes_f32 + 8 - count));
}

static inline __m256i first_wide_f64(int64_t count)
{
    return _mm256_loadu_si256((const __m256i *)(lanes_f64 + 4 - count));
}

static inline __m256 load_some_wide_f32(const float *from, __m256i some)
{
    return _mm256_maskload_ps(from, some);
}

static inline __m256d load_some_wide_f64(const double *from, __m256i some)
{
    return _mm256_maskload_pd(from, some);
}

/* Without AVX2's masked store, for which some processors take dozens of cycles. */
static inline void store_some_wide_f32(float *to, __m256i some, int64_t count, __m256 value)
{
    (void)some;
    __m128 four = _mm256_castps256_ps128(value);
    if (count & 4) {
        _mm_storeu_ps(to, four);
        four = _mm256_extractf128_ps(value, 1);
        to += 4;
    }
    if (count & 2) {
        _mm_storel_pi((__m64 *)to, four);
        four = _mm_movehl_ps(four, four);
        to += 2;
    }
    if (count & 1) _mm_store_ss(to, four);
}

static inline void store_some_wide_f64(double *to, __m256i some, int64_t count, __m256d value)
{
    (void)some;
    __m128d two = _mm256_castpd256_pd128(value);
    if (count & 2) {
        _mm_storeu_pd(to, two);
        two = _mm256_extractf128_pd(value, 1);
        to += 2;
    }
    if (count & 1) _mm_store_sd(to, two);
}
#endif

/* The sum of the first half and the second half of 64 bytes of lanes. */
#ifdef CD_CPU_AVX512
static inline __m256 add_halves_f32(const __m512 x[1])
{
    __m256d second = _mm512_extractf64x4_pd(_mm512_castps_pd(x[0]), 1);
    return _mm256_add_ps(_mm512_castps512_ps256(x[0]), _mm256_castpd_ps(second));
}

static inline __m256d add_halves_f64(const __m512d x[1])
{
    return _mm256_add_pd(_mm512_castpd512_pd256(x[0]), _mm512_extractf64x4_pd(x[0], 1));
}
#else
static inline __m256 add_halves_f32(const __m256 x[2])
{
    return _mm256_add_ps(x[0], x[1]);
}

static inline __m256d add_halves_f64(const __m256d x[2])
{
    return _mm256_add_pd(x[0], x[1]);
}
#endif

/* to[0] = the sum of the lanes of x, added by halves. */
static inline void put_total_f32(float *to, __m256 x)
{
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_store_ss(to, _mm_add_ss(four, _mm_movehdup_ps(four)));
}

/* to[i] = the sum of the lanes of x[i]. */
static inline void put_totals_f32(float *to, const __m256 x[4])
{
    __m256 two[2];
    for (int i = 0; i < 2; i++) {
        two[i] = _mm256_add_ps(_mm256_permute2f128_ps(x[i], x[i + 2], 0x20),
                               _mm256_permute2f128_ps(x[i], x[i + 2], 0x31));
    }
    __m256 four = _mm256_add_ps(_mm256_shuffle_ps(two[0], two[1], 0x44),
                                _mm256_shuffle_ps(two[0], two[1], 0xee));
    four = _mm256_hadd_ps(four, four);
    _mm_storeu_ps(to, _mm_movelh_ps(_mm256_castps256_ps128(four), _mm256_extractf128_ps(four, 1)));
}

/* first[i] and second[i] = the sums of the lanes of x[i] and of x[4 + i]. */
static inline void put_two_totals_f32(float *first, float *second, const __m256 x[8])
{
    __m256 two[4], four[2];
    for (int i = 0; i < 4; i++) {
        two[i] = _mm256_add_ps(_mm256_permute2f128_ps(x[i], x[i + 4], 0x20),
                               _mm256_permute2f128_ps(x[i], x[i + 4], 0x31));
    }
    for (int i = 0; i < 2; i++) {
        four[i] = _mm256_add_ps(_mm256_shuffle_ps(two[2 * i], two[2 * i + 1], 0x44),
                                _mm256_shuffle_ps(two[2 * i], two[2 * i + 1], 0xee));
    }
    __m256 all = _mm256_add_ps(_mm256_shuffle_ps(four[0], four[1], 0x88),
                               _mm256_shuffle_ps(four[0], four[1], 0xdd));
    _mm_storeu_ps(first, _mm256_castps256_ps128(all));
    _mm_storeu_ps(second, _mm256_extractf128_ps(all, 1));
}

static inline void put_total_f64(double *to, __m256d x)
{
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));
    _mm_store_sd(to, _mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

static inline void put_totals_f64(double *to, const __m256d x[4])
{
    __m256d two[2];
    for (int i = 0; i < 2; i++) {
        two[i] = _mm256_add_pd(_mm256_permute2f128_pd(x[i], x[i + 2], 0x20),
                               _mm256_permute2f128_pd(x[i], x[i + 2], 0x31));
    }
    _mm256_storeu_pd(to, _mm256_hadd_pd(two[0], two[1]));
}

static inline void put_two_totals_f64(double *first, double *second, const __m256d x[8])
{
    put_totals_f64(first, x);
    put_totals_f64(second, x + 4);
}
#endif

#endif
