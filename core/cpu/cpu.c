#include "core/cpu/cpu_internal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PORTABLE(family_) .family_ = &cd_cpu_##family_##_portable,
static const cd_cpu_tables portable = { .name = "portable", CD_CPU_FAMILIES(PORTABLE) };

#ifdef CD_CPU_HAS_AVX2
#define AVX2(family_) .family_ = &cd_cpu_##family_##_avx2,
static const cd_cpu_tables avx2 = { .name = "avx2", CD_CPU_FAMILIES(AVX2) };

static const cd_cpu_tables *fastest(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2 : &portable;
}
#else
static const cd_cpu_tables *fastest(void)
{
    return &portable;
}
#endif

/* NULL until the first call. Two threads that come first at once choose the same. */
static _Atomic(const cd_cpu_tables *) chosen;

static const cd_cpu_tables *choose(void)
{
    const char *asked = getenv("CANDELA_CPU");
    const cd_cpu_tables *tables =
        asked && strcmp(asked, portable.name) == 0 ? &portable : fastest();
    atomic_store_explicit(&chosen, tables, memory_order_relaxed);
    return tables;
}

const cd_cpu_tables *cd_cpu(void)
{
    const cd_cpu_tables *tables = atomic_load_explicit(&chosen, memory_order_relaxed);
    return tables ? tables : choose();
}

bool cd_cpu_force(const char *name)
{
    const cd_cpu_tables *tables = NULL;
    if (name) {
        tables = strcmp(name, portable.name) == 0 ? &portable : fastest();
        if (strcmp(name, tables->name) != 0) return false;
    }
    atomic_store_explicit(&chosen, tables, memory_order_relaxed);
    return true;
}
