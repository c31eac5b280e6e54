/* The functions of floats from which activation.c is made. Like those of math_internal.h they
 * have no branches, so that a loop over them becomes vector code. tests/test_math.c measures the
 * error of the activations.
 *
 * The polynomials and the fraction are minimax fits, made as those of math_internal.h. */
#ifndef CANDELA_CORE_CPU_ACTIVATION_MATH_INTERNAL_H
#define CANDELA_CORE_CPU_ACTIVATION_MATH_INTERNAL_H

#include "core/cpu/math_exponential_internal.h"

/* A power of e as scale + scale * part. A product of it is more exact than one of the sum: see
 * POWER_TIMES in activation_typed.h. */
typedef struct cd_power_f32 {
    float scale, part;
} cd_power_f32;
typedef struct cd_power_f64 {
    double scale, part;
} cd_power_f64;

/* 2^64 e^(low - x) for x >= 0 and a small `low`, which is what x lacks to be exact. As
 * cd_exp_scaledf, but more exact: its error is below 1 unit in the last place, as that of cd_expf.
 * From 110 on the result is 0, so that its product with an x that is not infinite is 0 too. */
static inline cd_power_f32 cd_power_minusf(float x, float low)
{
    const float round = 0x1.8p23f + 191.0f;
    float clipped = x > 110.0f ? 110.0f : x; /* NaN stays */
    float shifted = CD_CPU_MULADDF(clipped, -1.44269504f, round);
    float n = shifted - round;
    float r_high = CD_CPU_MULADDF(n, -CD_LN2_HIGH, -clipped);
    float r_low = CD_CPU_MULADDF(n, -CD_LN2_LOW, low);
    float r = r_high + r_low;

    float p = 1.38145394e-3f; /* (e^r - 1 - r) / r^2 */
    p = CD_CPU_MULADDF(p, r, 8.36874545e-3f);
    p = CD_CPU_MULADDF(p, r, 4.1668389e-2f);
    p = CD_CPU_MULADDF(p, r, 0.166665211f);
    p = CD_CPU_MULADDF(p, r, 0.49999994f);
    float scale = cd_float_of_bits(cd_bits_of_float(shifted) << 23);
    return (cd_power_f32){ .scale = x >= 110.0f ? 0.0f : scale,
                           .part = CD_CPU_MULADDF(p, r * r, r_low) + r_high };
}

/* log(1 + e) for 0 <= e <= 1, with fewer steps than cd_log1pf. */
static inline float cd_log1p_unitf(float e)
{
    float p = -2.07295134e-3f; /* (e - log(1 + e)) / e^2 */
    p = CD_CPU_MULADDF(p, e, 1.36314992e-2f);
    p = CD_CPU_MULADDF(p, e, -4.19814014e-2f);
    p = CD_CPU_MULADDF(p, e, 8.30741156e-2f);
    p = CD_CPU_MULADDF(p, e, -0.124671256f);
    p = CD_CPU_MULADDF(p, e, 0.161293371f);
    p = CD_CPU_MULADDF(p, e, -0.198979324f);
    p = CD_CPU_MULADDF(p, e, 0.249885791f);
    p = CD_CPU_MULADDF(p, e, -0.333326898f);
    p = CD_CPU_MULADDF(p, e, 0.499999873f);
    return CD_CPU_MULADDF(-e * e, p, e);
}

/* The tail of the normal distribution beyond x >= 0, erfc(x / sqrt(2)) / 2, is
 * power top / bottom, where power is e^(-x^2 / 2), times 2^64. For its exponent x is cut into a
 * `high` part of 12 bits, whose square is exact, and the rest. */
typedef struct cd_normal_tail {
    cd_power_f32 power;
    float top, bottom;
} cd_normal_tail;

static inline cd_normal_tail cd_normal_tailf(float x)
{
    float high = cd_float_of_bits(cd_bits_of_float(x) & 0xfffff000);
    float rest = (x - high) * (x + high);

    float p = 4.13862466e-3f;
    p = CD_CPU_MULADDF(p, x, 4.07831756e-2f);
    p = CD_CPU_MULADDF(p, x, 0.183679315f);
    p = CD_CPU_MULADDF(p, x, 0.43889347f);
    p = CD_CPU_MULADDF(p, x, 0.5f);

    float q = 1.03738788e-2f;
    q = CD_CPU_MULADDF(q, x, 0.102234506f);
    q = CD_CPU_MULADDF(q, x, 0.470643398f);
    q = CD_CPU_MULADDF(q, x, 1.20434645f);
    q = CD_CPU_MULADDF(q, x, 1.67567194f);
    q = CD_CPU_MULADDF(q, x, 1.0f);
    return (cd_normal_tail){ cd_power_minusf(0.5f * high * high, -0.5f * rest), p, q };
}

#endif
