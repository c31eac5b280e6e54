/* exp2, expm1, log2, log10, log1p and pow of floats, in the manner of math_internal.h, and the
 * exponential and logarithm of a double to the precision of a float. The logarithm is there to the
 * precision of a double too. */
#ifndef CANDELA_CORE_CPU_MATH_EXPONENTIAL_INTERNAL_H
#define CANDELA_CORE_CPU_MATH_EXPONENTIAL_INTERNAL_H

#include "core/cpu/math_internal.h"

/* 2^x = 2^n * 2^r, where n is the integer nearest to x. Beyond the limits of the last two lines
 * n is meaningless. */
static inline float cd_exp2f(float x)
{
    const float round = 0x1.8p23f;
    float shifted = x + round;
    float r = x - (shifted - round);

    float p = 1.53289075e-4f; /* (2^r - 1) / r */
    p = CD_CPU_MULADDF(p, r, 1.33909762e-3f);
    p = CD_CPU_MULADDF(p, r, 9.61850025e-3f);
    p = CD_CPU_MULADDF(p, r, 5.55035956e-2f);
    p = CD_CPU_MULADDF(p, r, 0.240226477f);
    p = CD_CPU_MULADDF(p, r, 0.693147182f);
    float y = CD_CPU_MULADDF(p, r, 1.0f);

    int32_t exponent = (int32_t)(cd_bits_of_float(shifted) - cd_bits_of_float(round));
    y = cd_times_power_of_2f(y, exponent);
    y = x < -151.0f ? 0.0f : y;
    return x >= 128.0f ? INFINITY : y;
}

/* e^x - 1 = 2^n (e^r - 1) + (2^n - 1), where n is the integer nearest to x / ln 2. Half of it is
 * computed, so that 2^n does not overflow. Below -30 the result is -1, and from 89 on infinite. */
static inline float cd_expm1f(float x)
{
    const float round = 0x1.8p23f + 126.0f;
    x = -30.0f > x ? -30.0f : x; /* NaN stays */
    x = 89.0f < x ? 89.0f : x;
    float shifted = CD_CPU_MULADDF(x, 1.44269504f, round);
    float n = shifted - round;
    float r_high = CD_CPU_MULADDF(n, -CD_LN2_HIGH, x);
    float r_low = n * -CD_LN2_LOW;
    float r = r_high + r_low;

    float p = 1.99141305e-4f; /* (e^r - 1 - r) / r^2 */
    p = CD_CPU_MULADDF(p, r, 1.39410068e-3f);
    p = CD_CPU_MULADDF(p, r, 8.33327312e-3f);
    p = CD_CPU_MULADDF(p, r, 4.16663547e-2f);
    p = CD_CPU_MULADDF(p, r, 0.166666668f);
    p = CD_CPU_MULADDF(p, r, 0.500000005f);
    float y = CD_CPU_MULADDF(p, r * r, r_low) + r_high;
    float half = cd_float_of_bits(cd_bits_of_float(shifted) << 23);
    return x == 0 ? x : 2.0f * CD_CPU_MULADDF(half, y, half - 0.5f);
}

/* log(1 + x), where 1 + x = 2^k (1 + f). k is found by the rounded 1 + x. f is computed from x as
 * 2^-k x + (2^-k - 1), which is rounded once; for large x, where 2^-k may be no float, from the
 * rounded 1 + x. Very small x are their own result. */
static inline float cd_log1pf(float x)
{
    float sum = 1.0f + x;
    uint32_t above = cd_bits_of_float(sum) - CD_SQRT_HALF_BITS;
    int32_t k = (int32_t)above >> 23;
    float scale = cd_float_of_bits((uint32_t)(127 - k) << 23); /* 2^-k */
    float near = CD_CPU_MULADDF(x, scale, scale - 1.0f);
    float far = cd_float_of_bits((above & 0x007fffff) + CD_SQRT_HALF_BITS) - 1.0f;
    float y = cd_log_joinf(x < 0x1p30f ? near : far, (float)k);
    y = cd_log_edgesf(sum, y);
    return fabsf(x) < 0x1p-30f ? x : y;
}

/* k + log2(1 + f). The first term of the logarithm's series is computed in two parts, since its
 * factor 1 / ln 2 as a float would be too coarse. */
static inline float cd_log2f(float x)
{
    float f, k;
    cd_log_splitf(x, &f, &k);
    float p = -0.11094372f; /* (log2(1 + f) - f / ln 2) / f^2 */
    p = CD_CPU_MULADDF(p, f, 0.187403947f);
    p = CD_CPU_MULADDF(p, f, -0.191293955f);
    p = CD_CPU_MULADDF(p, f, 0.204437405f);
    p = CD_CPU_MULADDF(p, f, -0.239571229f);
    p = CD_CPU_MULADDF(p, f, 0.288573682f);
    p = CD_CPU_MULADDF(p, f, -0.36069864f);
    p = CD_CPU_MULADDF(p, f, 0.480898172f);
    p = CD_CPU_MULADDF(p, f, -0.721347332f);
    float tail = CD_CPU_MULADDF(f, 0x1.47652cp-12f, p * (f * f));
    return cd_log_edgesf(x, CD_CPU_MULADDF(f, 0x1.714p0f, tail) + k);
}

/* k log10(2) + log10(1 + f), with both factors in two parts; the first part of log10(2) has so few
 * bits that its product with k is exact. */
static inline float cd_log10f(float x)
{
    float f, k;
    cd_log_splitf(x, &f, &k);
    float p = -3.32975909e-2f; /* (log10(1 + f) - f / ln 10) / f^2 */
    p = CD_CPU_MULADDF(p, f, 5.62417321e-2f);
    p = CD_CPU_MULADDF(p, f, -5.75363971e-2f);
    p = CD_CPU_MULADDF(p, f, 6.156151e-2f);
    p = CD_CPU_MULADDF(p, f, -7.21254796e-2f);
    p = CD_CPU_MULADDF(p, f, 8.68687108e-2f);
    p = CD_CPU_MULADDF(p, f, -0.108580843f);
    p = CD_CPU_MULADDF(p, f, 0.144764781f);
    p = CD_CPU_MULADDF(p, f, -0.217147186f);
    float tail = CD_CPU_MULADDF(f, 0x1.7b1526p-14f, p * (f * f));
    tail = CD_CPU_MULADDF(k, 0x1.3509f8p-18f, tail);
    float y = CD_CPU_MULADDF(f, 0x1.bcap-2f, tail);
    return cd_log_edgesf(x, CD_CPU_MULADDF(k, 0x1.344p-2f, y));
}

/* --- doubles, to the precision of a float ----------------------------------------------------- */

static inline double cd_double_of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t cd_bits_of_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* a * b + c, fused as by CD_CPU_MULADDF. */
static inline double cd_muladd(double a, double b, double c)
{
#ifdef CD_CPU_AVX2
    return fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* e^x with a relative error of 1e-10, for -700 < x < 700. The constant that rounds x / ln 2 also
 * adds the exponent's bias. */
static inline double cd_exp_wide(double x)
{
    const double round = 0x1.8p52 + 1023;
    double shifted = cd_muladd(x, 1.4426950408889634, round);
    double r = cd_muladd(shifted - round, -0.69314718055994531, x);
    double p = 1.9774035254093247e-4; /* e^r */
    p = cd_muladd(p, r, 1.3948306275852859e-3);
    p = cd_muladd(p, r, 8.3335638603164331e-3);
    p = cd_muladd(p, r, 4.1666223598205356e-2);
    p = cd_muladd(p, r, 0.16666665107249681);
    p = cd_muladd(p, r, 0.50000001051842857);
    p = cd_muladd(p, r, 1.0000000002462612);
    p = cd_muladd(p, r, 0.99999999996136646);
    return p * cd_double_of_bits(cd_bits_of_double(shifted) << 52);
}

/* The logarithm of a positive normal double. Below 2 units in the last place if x, as a result that
 * was rounded, is not nearer to 1 than 2^-28. The exponent is made a double by putting it into the
 * low bits of 2^52. */
static inline float cd_log_wide(double x)
{
    const uint64_t sqrt_half = 0x3fe6a09e667f3bcd, bias = (uint64_t)1023 << 52;
    uint64_t above = cd_bits_of_double(x) - sqrt_half + bias;
    double f = cd_double_of_bits((above & 0x000fffffffffffff) + sqrt_half) - 1.0;
    double k = cd_double_of_bits((above >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
    return cd_log_joinf((float)f, (float)k);
}

/* The logarithm of a positive normal double, within a few units in the last place. With
 * x = 2^k (1 + f) it is k ln 2 + 2 artanh(s), s = f / (2 + f), by the series of artanh; |s| is at
 * most 0.172. */
static inline double cd_log_double(double x)
{
    const uint64_t sqrt_half = 0x3fe6a09e667f3bcd, bias = (uint64_t)1023 << 52;
    uint64_t above = cd_bits_of_double(x) - sqrt_half + bias;
    double f = cd_double_of_bits((above & 0x000fffffffffffff) + sqrt_half) - 1.0;
    double k = cd_double_of_bits((above >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
    double s = f / (2.0 + f), z = s * s, twice = 2.0 * s;
    double p = 1.0 / 19; /* (artanh(s) - s) / s^3 over z = s^2 */
    p = cd_muladd(p, z, 1.0 / 17);
    p = cd_muladd(p, z, 1.0 / 15);
    p = cd_muladd(p, z, 1.0 / 13);
    p = cd_muladd(p, z, 1.0 / 11);
    p = cd_muladd(p, z, 1.0 / 9);
    p = cd_muladd(p, z, 1.0 / 7);
    p = cd_muladd(p, z, 1.0 / 5);
    p = cd_muladd(p, z, 1.0 / 3);
    return cd_muladd(k, 0.69314718055994531, cd_muladd(p * z, twice, twice));
}

/* a^b = e^(b log|a|), with the sign of a where b is odd. The special cases are those of C's powf: 1
 * for a = 1 and for b = 0, even beside NaN, and for a = -1 and an infinite b; NaN for a finite
 * negative a and a b that is not whole. Beyond 200 the exponent is 200, where the float is infinite
 * or 0 already. */
static inline float cd_powf(float a, float b)
{
    const float size = fabsf(a), half = 0.5f * b;
    const int whole = b == floorf(b), odd = whole & (half != floorf(half));
    double log = cd_log_double((double)size);
    log = size < INFINITY ? log : (double)size;
    log = size == 0.0f ? -(double)INFINITY : log;
    double t = (double)b * log;
    t = t > 200.0 ? 200.0 : t;
    t = t < -200.0 ? -200.0 : t;
    float y = (float)cd_exp_wide(t);
    y = odd ? copysignf(y, a) : y;
    y = ((a < 0.0f) & (a > -INFINITY) & !whole) ? NAN : y;
    y = ((size == 1.0f) & (fabsf(b) == INFINITY)) ? 1.0f : y;
    return ((a == 1.0f) | (b == 0.0f)) ? 1.0f : y;
}

#endif
