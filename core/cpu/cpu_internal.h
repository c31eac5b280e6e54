/* Kernels compiled twice or three times, and the choice among them at run time.
 *
 * A kernel file named in the list `kernels` of core/CMakeLists.txt is compiled once as portable C
 * and once with -mavx2 -mfma and CD_CPU_AVX2 defined. It defines static functions and one table of
 * them, whose name carries the instruction set:
 *
 *     in pool_internal.h    struct cd_cpu_pool { void (*max)(...); ... };
 *     in pool.c             const struct cd_cpu_pool CD_CPU_TABLE(pool) = { .max = max_pool, ... };
 *     below                 X(pool) in CD_CPU_FAMILIES
 *     in its caller         cd_cpu_kernels()->pool->max(...);
 *
 * Those in `wide_kernels` are compiled once more, for AVX-512 (F and VL), with CD_CPU_AVX512
 * defined beside CD_CPU_AVX2.
 *
 * What is not worth compiling twice (drivers that cut work into pieces) stands in a file that is
 * not in `kernels`. The portable build is the reference: a kernel of additions and multiplications
 * gives the same bits in both, since no compiler here fuses them unasked (-ffp-contract=off). Where
 * a fused multiply-add is wanted, the kernel uses CD_CPU_MULADD, and its test states the tolerance.
 */
#ifndef CANDELA_CORE_CPU_CPU_INTERNAL_H
#define CANDELA_CORE_CPU_CPU_INTERNAL_H

#include <math.h>

#include "core/api.h"

/* The families of kernels, one table each. */
#define CD_CPU_FAMILIES(X)      CD_CPU_NARROW_FAMILIES(X) CD_CPU_WIDE_FAMILIES(X)
/* Those that AVX-512 makes faster, in `wide_kernels` of core/CMakeLists.txt too. */
#define CD_CPU_WIDE_FAMILIES(X) X(gemm)
#define CD_CPU_NARROW_FAMILIES(X)                                                                  \
    X(unary)                                                                                       \
    X(binary)                                                                                      \
    X(compare)                                                                                     \
    X(select)                                                                                      \
    X(convert)                                                                                     \
    X(copy)                                                                                        \
    X(sums)                                                                                        \
    X(min_max)                                                                                     \
    X(softmax)                                                                                     \
    X(optim_step)                                                                                  \
    X(batch_norm)

#define CD_CPU_DECLARE(family_)                                                                    \
    extern const struct cd_cpu_##family_ cd_cpu_##family_##_portable;                              \
    extern const struct cd_cpu_##family_ cd_cpu_##family_##_avx2;                                  \
    extern const struct cd_cpu_##family_ cd_cpu_##family_##_avx512;
CD_CPU_FAMILIES(CD_CPU_DECLARE)
#undef CD_CPU_DECLARE

typedef struct cd_cpu_tables {
    const char *name; /* "portable", "avx2" or "avx512" */
#define CD_CPU_MEMBER(family_) const struct cd_cpu_##family_ *family_;
    CD_CPU_FAMILIES(CD_CPU_MEMBER)
#undef CD_CPU_MEMBER
} cd_cpu_tables;

/* The kernels for this machine: the fastest it can run, or those that the environment variable
 * CANDELA_CPU names, when it can run them. Chosen at the first call, from any thread. */
const cd_cpu_tables *cd_cpu_kernels(void);
/* Their name: "portable", "avx2" or "avx512". */
const char *cd_cpu_name(void);

/* For tests: the kernels of this name from now on, in every thread; NULL goes back to the choice
 * by machine and environment. False, and no change, when this build or machine has none. */
bool cd_cpu_force(const char *name);

/* For kernel files: the name of this build's table, and a * b + c, which is fused in the AVX2 build
 * and rounds twice in the portable one (where a fused one would be a slow call). */
#if defined(CD_CPU_AVX512)
#define CD_CPU_TABLE(family_) cd_cpu_##family_##_avx512
#elif defined(CD_CPU_AVX2)
#define CD_CPU_TABLE(family_) cd_cpu_##family_##_avx2
#else
#define CD_CPU_TABLE(family_) cd_cpu_##family_##_portable
#endif
#ifdef CD_CPU_AVX2
#define CD_CPU_MULADDF(a_, b_, c_) fmaf((a_), (b_), (c_))
#define CD_CPU_MULADD(a_, b_, c_)  fma((a_), (b_), (c_))
#else
#define CD_CPU_MULADDF(a_, b_, c_) ((a_) * (b_) + (c_))
#define CD_CPU_MULADD(a_, b_, c_)  ((a_) * (b_) + (c_))
#endif

/* Before a loop: its iterations do not depend on each other. So the compiler may vectorise without
 * asking whether the pointers overlap, and an output that is exactly an input stays fast. */
#if defined(__clang__)
#define CD_CPU_VECTORISE _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define CD_CPU_VECTORISE _Pragma("GCC ivdep")
#else
#define CD_CPU_VECTORISE
#endif

#endif
