/* Arithmetic of sizes, for kernels that cut work into pieces. */
#ifndef CANDELA_CORE_CPU_SIZE_ARITHMETIC_INTERNAL_H
#define CANDELA_CORE_CPU_SIZE_ARITHMETIC_INTERNAL_H

#include <stdint.h>

static inline int64_t cd_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t cd_larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* a / b, rounded up; neither is negative. */
static inline int64_t cd_divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* |stride|. */
static inline int64_t cd_magnitude(int64_t stride)
{
    return stride < 0 ? -stride : stride;
}

#endif
