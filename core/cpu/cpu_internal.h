/* Kernels that are compiled for several instruction sets, and the choice among these builds at run
 * time.
 *
 * A kernel file, one in the list `kernels` of core/CMakeLists.txt, is compiled once as portable C
 * and once with -mavx2 -mfma and CD_CPU_AVX2 defined. The files in `wide_kernels` are compiled a
 * third time, for AVX-512 (F and VL), with CD_CPU_AVX2 and CD_CPU_AVX512 defined. The functions of
 * a kernel file are static. It exports one table of them, whose name carries the instruction set;
 * for the family of kernels "copy":
 *
 *     in copy_internal.h   struct cd_cpu_copy_table { void (*stream)(...); ... };
 *     in copy_kernel.c     const struct cd_cpu_copy_table CD_CPU_TABLE(copy) = { ... };
 *     below                X(copy) in CD_CPU_NARROW_FAMILIES
 *     in a caller          cd_cpu_kernels()->copy->stream(...);
 *
 * Code that gains nothing from vector instructions, such as a driver that cuts work into pieces,
 * stands in a file outside `kernels`, and is compiled once.
 *
 * The portable build is the reference. A kernel of additions and multiplications gives the same
 * bits in every build, since -ffp-contract=off keeps the compiler from fusing them. A kernel that
 * wants a fused multiply-add uses CD_CPU_MULADDF, and its test states the tolerance.
 *
 * Code that is the same for several dtypes is described in typed_internal.h. */
#ifndef CANDELA_CORE_CPU_CPU_INTERNAL_H
#define CANDELA_CORE_CPU_CPU_INTERNAL_H

#include <math.h>
#include <stdatomic.h>

#include "core/api.h"

/* The families of kernels, one table each. */
#define CD_CPU_FAMILIES(X) CD_CPU_NARROW_FAMILIES(X) CD_CPU_WIDE_FAMILIES(X)
/* The families that have an AVX-512 build, since it makes them faster. */
#define CD_CPU_WIDE_FAMILIES(X)                                                                    \
    X(gemm)                                                                                        \
    X(math)                                                                                        \
    X(activation)                                                                                  \
    X(unary)                                                                                       \
    X(arithmetic)                                                                                  \
    X(sums)                                                                                        \
    X(min_max)                                                                                     \
    X(softmax)                                                                                     \
    X(row_norm)
#define CD_CPU_NARROW_FAMILIES(X)                                                                  \
    X(optim_step)                                                                                  \
    X(binary)                                                                                      \
    X(compare)                                                                                     \
    X(select)                                                                                      \
    X(logic)                                                                                       \
    X(convert)                                                                                     \
    X(copy)                                                                                        \
    X(crc)                                                                                         \
    X(moments)                                                                                     \
    X(truth)                                                                                       \
    X(scan)                                                                                        \
    X(batch_norm)                                                                                  \
    X(distance)

#define CD_CPU_DECLARE(family_)                                                                    \
    extern const struct cd_cpu_##family_##_table cd_cpu_##family_##_portable;                      \
    extern const struct cd_cpu_##family_##_table cd_cpu_##family_##_avx2;                          \
    extern const struct cd_cpu_##family_##_table cd_cpu_##family_##_avx512;
CD_CPU_FAMILIES(CD_CPU_DECLARE)
#undef CD_CPU_DECLARE

/* One build of every family. */
typedef struct cd_cpu_tables {
    const char *name; /* "portable", "avx2" or "avx512" */
#define CD_CPU_MEMBER(family_) const struct cd_cpu_##family_##_table *family_;
    CD_CPU_FAMILIES(CD_CPU_MEMBER)
#undef CD_CPU_MEMBER
} cd_cpu_tables;

/* The choice; NULL until the first call of cd_cpu_kernels. */
extern _Atomic(const cd_cpu_tables *) cd_cpu_chosen;
/* Makes the choice. Two threads that call this at once choose the same. */
const cd_cpu_tables *cd_cpu_choose(void);
/* The kernels for this machine: the fastest that it can run, or those that the environment variable
 * CANDELA_CPU names, if it can run them. Chosen at the first call, on any thread. */
static inline const cd_cpu_tables *cd_cpu_kernels(void)
{
    const cd_cpu_tables *tables = atomic_load_explicit(&cd_cpu_chosen, memory_order_relaxed);
    return tables ? tables : cd_cpu_choose();
}
/* The name of these kernels: "portable", "avx2" or "avx512". */
const char *cd_cpu_name(void);

/* For tests: all threads use the kernels of this name from now on; NULL goes back to the choice by
 * machine and environment. False, and no change, when this build or machine has none. */
bool cd_cpu_force(const char *name);

/* For kernel files: the name of this build's table. */
#if defined(CD_CPU_AVX512)
#define CD_CPU_TABLE(family_) cd_cpu_##family_##_avx512
#elif defined(CD_CPU_AVX2)
#define CD_CPU_TABLE(family_) cd_cpu_##family_##_avx2
#else
#define CD_CPU_TABLE(family_) cd_cpu_##family_##_portable
#endif

/* For kernel files: a * b + c of floats. Fused where the instruction set can; the portable build,
 * where a fused one would be a slow call, rounds twice. */
#ifdef CD_CPU_AVX2
#define CD_CPU_MULADDF(a_, b_, c_) fmaf((a_), (b_), (c_))
#else
#define CD_CPU_MULADDF(a_, b_, c_) ((a_) * (b_) + (c_))
#endif

/* Before a loop: its iterations do not depend on each other. The compiler may then vectorise it
 * without a check whether the pointers overlap, and an output that is exactly an input stays fast.
 */
#if defined(__clang__)
#define CD_CPU_VECTORISE _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define CD_CPU_VECTORISE _Pragma("GCC ivdep")
#else
#define CD_CPU_VECTORISE
#endif

#endif
