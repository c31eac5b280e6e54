/* The choice among the builds of the kernels: see cpu_internal.h. */
#include "core/cpu/cpu_internal.h"

#include <stdlib.h>
#include <string.h>

#define PORTABLE(family_) .family_ = &cd_cpu_##family_##_portable,
static const cd_cpu_tables portable = { .name = "portable", CD_CPU_FAMILIES(PORTABLE) };

#ifdef CD_CPU_HAS_AVX2
#define AVX2(family_)   .family_ = &cd_cpu_##family_##_avx2,
#define AVX512(family_) .family_ = &cd_cpu_##family_##_avx512,
static const cd_cpu_tables avx2 = { .name = "avx2", CD_CPU_FAMILIES(AVX2) };
static const cd_cpu_tables avx512 = { .name = "avx512",
                                      CD_CPU_NARROW_FAMILIES(AVX2) CD_CPU_WIDE_FAMILIES(AVX512) };

static bool runs_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("pclmul");
}

static bool runs_avx512(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
}
#endif

/* The fastest build that this machine runs, if `name` is NULL; else the build of that name, or NULL
 * where this machine does not run it. */
static const cd_cpu_tables *find(const char *name)
{
#ifdef CD_CPU_HAS_AVX2
    if ((!name || strcmp(name, avx512.name) == 0) && runs_avx512()) return &avx512;
    if ((!name || strcmp(name, avx2.name) == 0) && runs_avx2()) return &avx2;
#endif
    return !name || strcmp(name, portable.name) == 0 ? &portable : NULL;
}

_Atomic(const cd_cpu_tables *) cd_cpu_chosen;

const cd_cpu_tables *cd_cpu_choose(void)
{
    const cd_cpu_tables *tables = find(getenv("CANDELA_CPU"));
    if (!tables) tables = find(NULL);
    atomic_store_explicit(&cd_cpu_chosen, tables, memory_order_relaxed);
    return tables;
}

const char *cd_cpu_name(void)
{
    return cd_cpu_kernels()->name;
}

bool cd_cpu_force(const char *name)
{
    const cd_cpu_tables *tables = name ? find(name) : NULL;
    if (name && !tables) return false;
    atomic_store_explicit(&cd_cpu_chosen, tables, memory_order_relaxed);
    return true;
}
