/* Keys of elements: unsigned integers in the same order, so that one search or sort does for all
 * dtypes. NaN has the largest key, and both zeros have one. */
#ifndef CANDELA_CORE_CPU_KEYS_INTERNAL_H
#define CANDELA_CORE_CPU_KEYS_INTERNAL_H

#include <stdint.h>
#include <string.h>

/* Negative floats are in falling order of their bits, which are inverted; positive ones follow when
 * their sign is set. */
static inline uint32_t cd_key_f32(float x)
{
    const float canonical = x + 0.0f;
    uint32_t bits;
    memcpy(&bits, &canonical, sizeof bits);
    if (x != x) return UINT32_MAX;
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}

static inline uint64_t cd_key_f64(double x)
{
    const double canonical = x + 0.0;
    uint64_t bits;
    memcpy(&bits, &canonical, sizeof bits);
    if (x != x) return UINT64_MAX;
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline uint64_t cd_key_i64(int64_t x)
{
    return (uint64_t)x ^ UINT64_C(1) << 63;
}

static inline uint32_t cd_key_i32(int32_t x)
{
    return (uint32_t)x ^ UINT32_C(1) << 31;
}

static inline uint32_t cd_key_u8(uint8_t x)
{
    return x;
}

#endif
