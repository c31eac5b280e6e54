/* The vectors of AVX2 and AVX-512 under names that end in a dtype, so that _typed.h files reach
 * them by TYPED: vector_wide_f32 is a vector, INTRINSIC_wide_f32(add) the processor's instruction,
 * here an addition.
 *
 * Wide vectors are the widest of the build: 64 bytes with AVX-512, else 32. Half vectors have 32
 * bytes in either build. */
#ifndef CANDELA_CORE_CPU_VECTORS_INTERNAL_H
#define CANDELA_CORE_CPU_VECTORS_INTERNAL_H

#ifdef CD_CPU_AVX2
#include <immintrin.h>

typedef __m256 vector_half_f32;
typedef __m256d vector_half_f64;
#define INTRINSIC_half_f32(op_) _mm256_##op_##_ps
#define INTRINSIC_half_f64(op_) _mm256_##op_##_pd

#ifdef CD_CPU_AVX512
typedef __m512 vector_wide_f32;
typedef __m512d vector_wide_f64;
#define INTRINSIC_wide_f32(op_) _mm512_##op_##_ps
#define INTRINSIC_wide_f64(op_) _mm512_##op_##_pd
#else
typedef __m256 vector_wide_f32;
typedef __m256d vector_wide_f64;
#define INTRINSIC_wide_f32(op_) _mm256_##op_##_ps
#define INTRINSIC_wide_f64(op_) _mm256_##op_##_pd
#endif
#endif

#endif
