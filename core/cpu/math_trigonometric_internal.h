/* The trigonometric and hyperbolic functions of a float, in the manner of math_internal.h.
 *
 * Odd functions are computed of |x| and get the sign of x at the end, so that -0 stays -0. */
#ifndef CANDELA_CORE_CPU_MATH_TRIGONOMETRIC_INTERNAL_H
#define CANDELA_CORE_CPU_MATH_TRIGONOMETRIC_INTERNAL_H

#include "core/cpu/math_exponential_internal.h"

/* pi / 2 in two parts. The first has 30 bits, so that its product with a number of quarter turns
 * below 2^23 is exact. */
#define CD_HALF_PI_HIGH 0x1.921fb54p0
#define CD_HALF_PI_LOW  0x1.10b4611a62633p-30

/* Up to this |x| the number of quarter turns in x is below 2^22, which cd_sinf and its relatives
 * need. NaN and infinity may be given to them too, and give NaN. */
#define CD_TURNS_LIMIT  0x1p22f

/* Takes the nearest whole number of quarter turns away from `size`, which is left between -pi / 4
 * and pi / 4. That number is in the low bits of *turns. */
static inline double cd_reduce_turns(float size, uint64_t *turns)
{
    const double round = 0x1.8p52;
    double shifted = (double)size * 0.63661977236758138 + round;
    double n = shifted - round;
    *turns = cd_bits_of_double(shifted);
    return ((double)size - n * CD_HALF_PI_HIGH) - n * CD_HALF_PI_LOW;
}

/* The sine of size + first pi / 2, for size >= 0: the sine or cosine of what cd_reduce_turns
 * leaves, by the quarter. The first terms of either are added before they are rounded to a
 * float. */
static inline float cd_sine_from(float size, uint64_t first)
{
    uint64_t turns;
    double exact = cd_reduce_turns(size, &turns);
    float r = (float)exact, z = r * r;
    turns += first;

    float p = 2.8327172e-6f; /* (sin(r) - r) / r^3 over z = r^2 */
    p = CD_CPU_MULADDF(p, z, -1.98530717e-4f);
    p = CD_CPU_MULADDF(p, z, 8.3333794e-3f);
    p = CD_CPU_MULADDF(p, z, -0.166666672f);

    float q = 2.44325656e-5f; /* (cos(r) - 1 + z / 2) / z^2 */
    q = CD_CPU_MULADDF(q, z, -1.38873106e-3f);
    q = CD_CPU_MULADDF(q, z, 4.16666456e-2f);

    bool odd = turns & 1;
    double lead = odd ? 1.0 - 0.5 * exact * exact : exact;
    float y = (float)(lead + (double)(odd ? q * z * z : p * z * r));
    return cd_float_of_bits(cd_bits_of_float(y) ^ ((uint32_t)(turns & 2) << 30));
}

static inline float cd_sinf(float x)
{
    float y = cd_sine_from(fabsf(x), 0);
    return cd_float_of_bits(cd_bits_of_float(y) ^ (cd_bits_of_float(x) & 0x80000000));
}

static inline float cd_cosf(float x)
{
    return cd_sine_from(fabsf(x), 1);
}

/* The Pade approximant of tan(r), whose error is 1e-12, and -1 / tan(r) in odd quarters. */
static inline float cd_tanf(float x)
{
    uint64_t turns;
    double r = cd_reduce_turns(fabsf(x), &turns), z = r * r;
    double top = r * (135135.0 + z * (-17325.0 + z * (378.0 - z)));
    double bottom = 135135.0 + z * (-62370.0 + z * (3150.0 - 28.0 * z));
    bool odd = turns & 1;
    float y = (float)((odd ? -bottom : top) / (odd ? top : bottom));
    return cd_float_of_bits(cd_bits_of_float(y) ^ (cd_bits_of_float(x) & 0x80000000));
}

/* asin(s) - s for 0 <= s <= 1/2, z = s^2 */
static inline float cd_asin_tailf(float s, float z)
{
    float p = 3.76964621e-2f; /* (asin(s) - s) / s^3 over z */
    p = CD_CPU_MULADDF(p, z, 1.43149635e-2f);
    p = CD_CPU_MULADDF(p, z, 3.18390839e-2f);
    p = CD_CPU_MULADDF(p, z, 4.45133746e-2f);
    p = CD_CPU_MULADDF(p, z, 7.50052184e-2f);
    p = CD_CPU_MULADDF(p, z, 0.166666597f);
    return p * z * s;
}

/* pi / 2 as two floats. */
#define CD_HALF_PIF      0x1.921fb6p0f
#define CD_HALF_PI_RESTF (-0x1.777a5cp-25f)

/* Above 1/2, asin(x) = pi / 2 - 2 asin(s) with s^2 = (1 - x) / 2. */
static inline float cd_asinf(float x)
{
    float size = fabsf(x), half = (1.0f - size) * 0.5f;
    bool far = size > 0.5f;
    float s = far ? sqrtf(half) : size, tail = cd_asin_tailf(s, far ? half : size * size);
    float rest = (CD_HALF_PIF - 2.0f * s) - (2.0f * tail - CD_HALF_PI_RESTF);
    return copysignf(far ? rest : s + tail, x);
}

/* acos(x) = pi / 2 - asin(x), and above 1/2 2 asin(s); acos(-x) = pi - acos(x). */
static inline float cd_acosf(float x)
{
    float size = fabsf(x), half = (1.0f - size) * 0.5f;
    bool far = size > 0.5f;
    float s = far ? sqrtf(half) : size, y = s + cd_asin_tailf(s, far ? half : size * size);
    float near = CD_HALF_PIF - (copysignf(y, x) - CD_HALF_PI_RESTF);
    float below = 2.0f * (CD_HALF_PIF - (y - CD_HALF_PI_RESTF));
    return far ? (x < 0.0f ? below : 2.0f * y) : near;
}

/* atan(s) for s from 0 to 1. */
static inline float cd_atan_nearf(float s)
{
    float z = s * s;
    float p = -1.7875476e-3f; /* (atan(s) - s) / s^3 over z = s^2 */
    p = CD_CPU_MULADDF(p, z, 1.08873611e-2f);
    p = CD_CPU_MULADDF(p, z, -3.11270021e-2f);
    p = CD_CPU_MULADDF(p, z, 5.79065457e-2f);
    p = CD_CPU_MULADDF(p, z, -8.40047523e-2f);
    p = CD_CPU_MULADDF(p, z, 0.109511748f);
    p = CD_CPU_MULADDF(p, z, -0.142640516f);
    p = CD_CPU_MULADDF(p, z, 0.19998531f);
    p = CD_CPU_MULADDF(p, z, -0.333332986f);
    return CD_CPU_MULADDF(p * z, s, s);
}

/* Above 1, atan(x) = pi / 2 - atan(1 / x). */
static inline float cd_atanf(float x)
{
    float size = fabsf(x);
    bool far = size > 1.0f;
    float y = cd_atan_nearf(far ? 1.0f / size : size);
    return copysignf(far ? CD_HALF_PIF - (y - CD_HALF_PI_RESTF) : y, x);
}

/* The angle between the positive x axis and the point (x, y). */
static inline float cd_atan2f(float y, float x)
{
    const float up = fabsf(y), along = fabsf(x);
    const bool far = up > along;
    const float large = far ? up : along, small = far ? along : up;
    float s = small / large;
    s = large == 0.0f ? 0.0f : s;
    s = small == INFINITY ? 1.0f : s;
    float angle = cd_atan_nearf(s);
    angle = far ? CD_HALF_PIF - (angle - CD_HALF_PI_RESTF) : angle;
    const float left = 2.0f * CD_HALF_PIF - (angle - 2.0f * CD_HALF_PI_RESTF);
    angle = copysignf(1.0f, x) < 0.0f ? left : angle;
    return copysignf(((x != x) | (y != y)) ? x + y : angle, y);
}

/* (e^|x| - e^-|x|) / 2; near 0, where that cancels, a polynomial. */
static inline float cd_sinhf(float x)
{
    float size = fabsf(x), z = x * x;
    float half = cd_exp_timesf(size, -1);
    float p = 2.78221319e-6f; /* (sinh(x) - x) / x^3 over z = x^2 */
    p = CD_CPU_MULADDF(p, z, 1.98428956e-4f);
    p = CD_CPU_MULADDF(p, z, 8.33331048e-3f);
    p = CD_CPU_MULADDF(p, z, 0.166666672f);
    float near = CD_CPU_MULADDF(p * z, size, size);
    return copysignf(size < 1.0f ? near : half - 0.25f / half, x);
}

static inline float cd_coshf(float x)
{
    float half = cd_exp_timesf(fabsf(x), -1);
    return half + 0.25f / half;
}

/* log(|x| + sqrt(x^2 + 1)); near 0, where only the first terms of the series count, those. */
static inline float cd_asinhf(float x)
{
    float size = fabsf(x);
    double wide = (double)size;
    float y = cd_log_wide(wide + sqrt(wide * wide + 1.0));
    y = size < 0x1p-9f ? CD_CPU_MULADDF(size * size * (-1.0f / 6.0f), size, size) : y;
    return copysignf(size < INFINITY ? y : size, x);
}

/* log(x + sqrt(x^2 - 1)) */
static inline float cd_acoshf(float x)
{
    double wide = (double)x;
    float y = cd_log_wide(wide + sqrt((wide - 1.0) * (wide + 1.0)));
    y = x < INFINITY ? y : x;
    return x < 1.0f ? NAN : y;
}

/* log((1 + x) / (1 - x)) / 2; near 0 the first terms of the series. */
static inline float cd_atanhf(float x)
{
    float size = fabsf(x);
    double wide = (double)size;
    float y = 0.5f * cd_log_wide((1.0 + wide) / (1.0 - wide));
    y = size < 0x1p-9f ? CD_CPU_MULADDF(size * size * (1.0f / 3.0f), size, size) : y;
    y = size < 1.0f ? y : NAN;
    return copysignf(size == 1.0f ? INFINITY : y, x);
}

#endif
