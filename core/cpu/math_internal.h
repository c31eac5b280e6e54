/* exp, log, tanh and sigmoid of a float, without branches, so that compilers turn a loop over them
 * into vector code. The error is below 2 units in the last place over the whole range
 * (tests/test_math.c measures it).
 *
 * The polynomials are minimax fits of the function in the comment beside them, weighted for the
 * relative error of the result. The error of the fit itself is below 0.1 units in the last place.
 */
#ifndef CANDELA_CORE_CPU_MATH_INTERNAL_H
#define CANDELA_CORE_CPU_MATH_INTERNAL_H

#include <string.h>

#include "core/cpu/cpu_internal.h"

static inline float cd_float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t cd_bits_of_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* ln 2 in two parts. The first has 16 bits, so that its product with an exponent is exact. */
#define CD_LN2_HIGH 0x1.62e4p-1f
#define CD_LN2_LOW  0x1.7f7d1cp-20f

/* y * 2^exponent in two factors, so that the result may be denormal or overflow. The exponent is
 * between -252 and 254. */
static inline float cd_times_power_of_2f(float y, int32_t exponent)
{
    int32_t half = exponent >> 1;
    float first = cd_float_of_bits((uint32_t)(half + 127) << 23);
    float second = cd_float_of_bits((uint32_t)(exponent - half + 127) << 23);
    return y * first * second;
}

/* e^x * 2^power, for a power of 0 or -1. e^x = 2^n * e^r, where n is the integer nearest to x / ln
 * 2, and |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds x / ln 2 to an integer, which is then in the low
 * bits. Below -105 and above 90 n is
 * meaningless, and so is all that follows from it; the last two lines replace the result by 0 and
 * infinity. */
static inline float cd_exp_timesf(float x, int32_t power)
{
    const float round = 0x1.8p23f;
    float shifted = CD_CPU_MULADDF(x, 1.44269504f, round);
    float n = shifted - round;
    float r_high = CD_CPU_MULADDF(n, -CD_LN2_HIGH, x); /* exact */
    float r_low = n * -CD_LN2_LOW;
    float r = r_high + r_low;

    float p = 1.38145394e-3f; /* (e^r - 1 - r) / r^2 */
    p = CD_CPU_MULADDF(p, r, 8.36874545e-3f);
    p = CD_CPU_MULADDF(p, r, 4.1668389e-2f);
    p = CD_CPU_MULADDF(p, r, 0.166665211f);
    p = CD_CPU_MULADDF(p, r, 0.49999994f);
    float y = (CD_CPU_MULADDF(p, r * r, r_low) + r_high) + 1.0f;

    int32_t exponent = (int32_t)(cd_bits_of_float(shifted) - cd_bits_of_float(round));
    y = cd_times_power_of_2f(y, exponent + power);
    y = x < -105.0f ? 0.0f : y;
    return x > 90.0f ? INFINITY : y;
}

static inline float cd_expf(float x)
{
    return cd_exp_timesf(x, 0);
}

/* 2^64 e^x for x <= 0, at half the cost of cd_expf: no result is denormal, so that one factor
 * 2^(n + 64) is enough, whose exponent field (n + 64 + 127) is in the low bits of `shifted`. Below
 * -105, where e^x itself is 0, the result is that for -105; multiplied by 2^-64 it is 0 too. */
static inline float cd_exp_scaledf(float x)
{
    const float round = 0x1.8p23f + 191.0f;
    x = -105.0f > x ? -105.0f : x; /* NaN stays */
    float shifted = CD_CPU_MULADDF(x, 1.44269504f, round);
    float n = shifted - round;
    float r = CD_CPU_MULADDF(n, -CD_LN2_HIGH, x);
    r = CD_CPU_MULADDF(n, -CD_LN2_LOW, r);

    float p = 1.38145394e-3f; /* as in cd_expf, and then e^r itself */
    p = CD_CPU_MULADDF(p, r, 8.36874545e-3f);
    p = CD_CPU_MULADDF(p, r, 4.1668389e-2f);
    p = CD_CPU_MULADDF(p, r, 0.166665211f);
    p = CD_CPU_MULADDF(p, r, 0.49999994f);
    p = CD_CPU_MULADDF(p, r, 1.0f);
    p = CD_CPU_MULADDF(p, r, 1.0f);
    return p * cd_float_of_bits(cd_bits_of_float(shifted) << 23);
}

/* The bits of sqrt(1/2), from which on the logarithms count the numbers of a power of 2. */
#define CD_SQRT_HALF_BITS 0x3f3504f3u

/* Finds f and k with x = 2^k (1 + f) and sqrt(1/2) <= 1 + f < sqrt(2), for a positive x. */
static inline void cd_log_splitf(float x, float *f, float *k)
{
    int denormal = x < 0x1p-126f;
    float scaled = denormal ? x * 0x1p23f : x;
    uint32_t above = cd_bits_of_float(scaled) - CD_SQRT_HALF_BITS;
    *f = cd_float_of_bits((above & 0x007fffff) + CD_SQRT_HALF_BITS) - 1.0f;
    *k = (float)((int32_t)above >> 23) - (denormal ? 23.0f : 0.0f);
}

/* k ln 2 + log(1 + f) */
static inline float cd_log_joinf(float f, float k)
{
    float p = 6.74664006e-2f; /* (log(1 + f) - f + f^2 / 2) / f^3 */
    p = CD_CPU_MULADDF(p, f, -0.116756521f);
    p = CD_CPU_MULADDF(p, f, 0.11888162f);
    p = CD_CPU_MULADDF(p, f, -0.124055892f);
    p = CD_CPU_MULADDF(p, f, 0.142195523f);
    p = CD_CPU_MULADDF(p, f, -0.166679963f);
    p = CD_CPU_MULADDF(p, f, 0.200021192f);
    p = CD_CPU_MULADDF(p, f, -0.250000089f);
    p = CD_CPU_MULADDF(p, f, 0.333333135f);
    float square = f * f;
    float tail = CD_CPU_MULADDF(k, CD_LN2_LOW, p * f * square);
    tail = CD_CPU_MULADDF(square, -0.5f, tail);
    return CD_CPU_MULADDF(k, CD_LN2_HIGH, f + tail);
}

/* A logarithm y of x where x is positive and finite; else its limit, or NaN. */
static inline float cd_log_edgesf(float x, float y)
{
    y = x < INFINITY ? y : x; /* the logarithm of infinity is infinity, that of NaN is NaN */
    y = x < 0.0f ? NAN : y;
    return x == 0.0f ? -INFINITY : y;
}

static inline float cd_logf(float x)
{
    float f, k;
    cd_log_splitf(x, &f, &k);
    return cd_log_edgesf(x, cd_log_joinf(f, k));
}

/* 1 - 2 / (e^2|x| + 1) with the sign of x; near 0, where that cancels, a polynomial. */
static inline float cd_tanhf(float x)
{
    float size = fabsf(x);
    float far = 1.0f - 2.0f / (cd_expf(2.0f * size) + 1.0f);

    float z = x * x;
    float p = -5.70498686e-3f; /* (tanh(x) - x) / x^3 over z = x^2 */
    p = CD_CPU_MULADDF(p, z, 2.06390861e-2f);
    p = CD_CPU_MULADDF(p, z, -5.37397154e-2f);
    p = CD_CPU_MULADDF(p, z, 0.133314416f);
    p = CD_CPU_MULADDF(p, z, -0.333332807f);
    float near = CD_CPU_MULADDF(p * z, size, size);

    return copysignf(size < 0.625f ? near : far, x);
}

/* 1 / (1 + e^-x). With e = e^-|x|, which is at most 1, and q = e / (1 + e), the result is 1 - q for
 * positive x and q for negative x: so nothing overflows, and small results keep their digits. q is
 * computed once more as e - e q, which is the same number, but in which the rounding error of 1 + e
 * counts e times less. */
static inline float cd_sigmoidf(float x)
{
    float e = cd_exp_scaledf(-fabsf(x)) * 0x1p-64f;
    float q = e / (1.0f + e);
    return x < 0.0f ? e - e * q : 1.0f - q;
}

#endif
