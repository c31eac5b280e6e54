/* erf, erfc, erfinv, lgamma, digamma and logit of a float, and the functions of a double that libm
 * lacks: erfinv, digamma and polygamma. */
#ifndef CANDELA_CORE_CPU_MATH_SPECIAL_INTERNAL_H
#define CANDELA_CORE_CPU_MATH_SPECIAL_INTERNAL_H

#include "core/cpu/math_exponential_internal.h"

/* Below 1 x times a polynomial; above, 1 - e^-q(x), where q = -log(1 - erf). From 4 on 1. */
static inline float cd_erff(float x)
{
    float size = fabsf(x), z = x * x;
    float p = 7.80690389e-5f; /* erf(x) / x - 1 over z = x^2 */
    p = CD_CPU_MULADDF(p, z, -7.9978531e-4f);
    p = CD_CPU_MULADDF(p, z, 5.1871622e-3f);
    p = CD_CPU_MULADDF(p, z, -2.68533472e-2f);
    p = CD_CPU_MULADDF(p, z, 0.112835787f);
    p = CD_CPU_MULADDF(p, z, -0.37612626f);
    p = CD_CPU_MULADDF(p, z, 0.128379166f);
    float near = CD_CPU_MULADDF(p, size, size);

    float t = 4.0f < size ? 4.0f : size; /* NaN stays */
    float q = 2.17021079e-5f;
    q = CD_CPU_MULADDF(q, t, -4.41516808e-4f);
    q = CD_CPU_MULADDF(q, t, 4.20546066e-3f);
    q = CD_CPU_MULADDF(q, t, -2.52107047e-2f);
    q = CD_CPU_MULADDF(q, t, 0.108422518f);
    q = CD_CPU_MULADDF(q, t, 0.633216143f);
    q = CD_CPU_MULADDF(q, t, 1.12958038f);
    q = CD_CPU_MULADDF(q, t, -1.88470221e-4f);
    float far = 1.0f - cd_exp_scaledf(-q) * 0x1p-64f;
    return copysignf(size < 1.0f ? near : far, x);
}

/* With t = |x|, erfc(t) = e^(-t^2) p(u) / (1 + 2 t), u = (t - 3) / (t + 3); erfc(-t) = 2 - erfc(t).
 * In double, since the square in the exponent needs its digits. Above 10.5 the float is 0. */
static inline float cd_erfcf(float x)
{
    float size = fabsf(x);
    double t = (double)(10.5f < size ? 10.5f : size); /* NaN stays */
    double both = 1.0 / ((t + 3.0) * (1.0 + 2.0 * t));
    double u = (t - 3.0) * (1.0 + 2.0 * t) * both;
    double p = 3.5205080620792546e-5;
    p = cd_muladd(p, u, -1.8306314486513409e-4);
    p = cd_muladd(p, u, -7.4161999492641361e-4);
    p = cd_muladd(p, u, 1.9504141965167225e-3);
    p = cd_muladd(p, u, 2.52982663006633e-3);
    p = cd_muladd(p, u, -2.3787751234086454e-2);
    p = cd_muladd(p, u, 6.8305940321324032e-2);
    p = cd_muladd(p, u, -0.11927162075366483);
    p = cd_muladd(p, u, 0.12964541503826527);
    p = cd_muladd(p, u, -4.7562384265223447e-2);
    p = cd_muladd(p, u, -0.13562111270276173);
    p = cd_muladd(p, u, 1.253008058946371);
    double y = cd_exp_wide(-t * t) * p * ((t + 3.0) * both);
    return (float)(x < 0.0f ? 2.0 - y : y);
}

/* |sin(pi f)| for |f| <= 1/2, by its series. */
static inline double cd_sin_of_turn(double f)
{
    const double g = f * 3.1415926535897931, z = g * g;
    double p = 1.0 / 51090942171709440000.0; /* (sin(g) - g) / g^3 over z = g^2 */
    p = cd_muladd(p, z, -1.0 / 121645100408832000.0);
    p = cd_muladd(p, z, 1.0 / 355687428096000.0);
    p = cd_muladd(p, z, -1.0 / 1307674368000.0);
    p = cd_muladd(p, z, 1.0 / 6227020800.0);
    p = cd_muladd(p, z, -1.0 / 39916800.0);
    p = cd_muladd(p, z, 1.0 / 362880.0);
    p = cd_muladd(p, z, -1.0 / 5040.0);
    p = cd_muladd(p, z, 1.0 / 120.0);
    p = cd_muladd(p, z, -1.0 / 6.0);
    return fabs(cd_muladd(p * z, g, g));
}

/* log Gamma(x) for x >= 8, by Stirling's series. */
static inline double cd_lgamma_above_8(double x)
{
    const double r = 1.0 / x, z = r * r;
    double p = 1.0 / 156;
    p = cd_muladd(p, z, -691.0 / 360360);
    p = cd_muladd(p, z, 1.0 / 1188);
    p = cd_muladd(p, z, -1.0 / 1680);
    p = cd_muladd(p, z, 1.0 / 1260);
    p = cd_muladd(p, z, -1.0 / 360);
    p = cd_muladd(p, z, 1.0 / 12);
    const double half_log_turn = 0.91893853320467274; /* log(2 pi) / 2 */
    return cd_muladd(x - 0.5, cd_log_double(x), half_log_turn - x) + p * r;
}

/* log |Gamma(x)|, in double, since it cancels near 1 and 2 and near the zeros below -2. Below 1/2
 * from Gamma(x) Gamma(1 - x) = pi / sin(pi x); between 1/2 and 8 from
 * Gamma(x + 8) = x (x + 1) ... (x + 7) Gamma(x). */
static inline float cd_lgammaf(float x)
{
    const bool mirrored = x < 0.5f;
    const double wide = (double)x, v = mirrored ? 1.0 - wide : wide;
    const bool low = v < 8.0;
    const double first = v * (v + 1.0) * ((v + 2.0) * (v + 3.0));
    const double last = (v + 4.0) * (v + 5.0) * ((v + 6.0) * (v + 7.0));
    const double product = low ? first * last : 1.0;
    const double above = cd_lgamma_above_8(low ? v + 8.0 : v);
    const double part = wide - rint(wide);
    const double factor = mirrored ? 3.1415926535897931 / cd_sin_of_turn(part) : 1.0;
    const double log = cd_log_double(product * factor);
    float y = (float)(mirrored ? log - above : above - log);
    y = ((x == 1.0f) | (x == 2.0f)) ? 0.0f : y;
    y = (((x <= 0.0f) & (part == 0.0)) | (fabsf(x) == INFINITY)) ? INFINITY : y;
    return x != x ? x : y;
}

/* digamma(x) for x >= 8, by the series of its logarithm, whose coefficients are the Bernoulli
 * numbers B(2 k) / (2 k). */
static inline double cd_digamma_above_8(double x)
{
    const double r = 1.0 / x, z = r * r;
    double p = 1.0 / 12;
    p = cd_muladd(p, z, -691.0 / 32760);
    p = cd_muladd(p, z, 1.0 / 132);
    p = cd_muladd(p, z, -1.0 / 240);
    p = cd_muladd(p, z, 1.0 / 252);
    p = cd_muladd(p, z, -1.0 / 120);
    p = cd_muladd(p, z, 1.0 / 12);
    return cd_log_double(x) - 0.5 * r - p * z;
}

/* 1 / x + 1 / (x + 1) + ... + 1 / (x + 7), as one fraction: those of pairs are (2 x + 1) / (x (x +
 * 1)) and so on. */
static inline double cd_eight_reciprocals(double x)
{
    const double a = x * (x + 1.0), b = (x + 2.0) * (x + 3.0);
    const double c = (x + 4.0) * (x + 5.0), d = (x + 6.0) * (x + 7.0);
    const double twice = 2.0 * x;
    const double low = (twice + 1.0) * b + (twice + 5.0) * a;
    const double high = (twice + 9.0) * d + (twice + 13.0) * c;
    return (low * (c * d) + high * (a * b)) / ((a * b) * (c * d));
}

/* The derivative of log |gamma|, in double, since it cancels near its zeros. Below 1/2 it is
 * digamma(1 - x) - pi / tan(pi x), where the tangent is that of the distance from the nearest whole
 * number; between 1/2 and 8 by eight steps of the recurrence. */
static inline float cd_digammaf(float x)
{
    const bool mirrored = x < 0.5f;
    const double wide = (double)x, v = mirrored ? 1.0 - wide : wide;
    const bool low = v < 8.0;
    const double above = cd_digamma_above_8(low ? v + 8.0 : v);
    const double below = low ? cd_eight_reciprocals(v) : 0.0;
    const double part = wide - rint(wide);
    const double cotangent =
        copysign(cd_sin_of_turn(0.5 - fabs(part)) / cd_sin_of_turn(part), part);
    float y = (float)(above - below - (mirrored ? 3.1415926535897931 * cotangent : 0.0));
    y = ((x < 0.0f) & (part == 0.0)) ? NAN : y; /* a pole */
    y = x == INFINITY ? x : y;
    return x == 0.0f ? copysignf(INFINITY, -x) : y;
}

/* x times a polynomial over w = -log(1 - x^2): of w - 5/2 where w < 5, of sqrt(w) - 3 above. NaN
 * outside of -1 to 1. */
static inline float cd_erfinvf(float x)
{
    double wide = (double)x;
    double w = -(double)cd_log_wide((1.0 - wide) * (1.0 + wide));
    double t = w - 2.5;
    double p = 3.3553353171284381e-10; /* erfinv(x) / x */
    p = cd_muladd(p, t, -8.773546356553732e-9);
    p = cd_muladd(p, t, 1.8037993782655585e-8);
    p = cd_muladd(p, t, 4.6590142286234649e-7);
    p = cd_muladd(p, t, -3.4346217599309819e-6);
    p = cd_muladd(p, t, -4.9619516083779231e-6);
    p = cd_muladd(p, t, 2.1828267403718851e-4);
    p = cd_muladd(p, t, -1.2527445974464758e-3);
    p = cd_muladd(p, t, -4.177339465629152e-3);
    p = cd_muladd(p, t, 0.24664028760750192);
    p = cd_muladd(p, t, 1.5014093535321404);

    double u = sqrt(w) - 3.0;
    double q = -2.5605508164814206e-5; /* the same */
    q = cd_muladd(q, u, 1.578078742894125e-4);
    q = cd_muladd(q, u, -2.8382495971068127e-4);
    q = cd_muladd(q, u, -1.1656031375741609e-4);
    q = cd_muladd(q, u, 1.4788955906690263e-3);
    q = cd_muladd(q, u, -3.5684909704169353e-3);
    q = cd_muladd(q, u, 5.686735679863897e-3);
    q = cd_muladd(q, u, -7.6425763653984935e-3);
    q = cd_muladd(q, u, 9.4453901929608831e-3);
    q = cd_muladd(q, u, 1.0016752312334729);
    q = cd_muladd(q, u, 2.832976800238435);

    float size = fabsf(x);
    float y = (float)(wide * (w < 5.0 ? p : q));
    y = size < 1.0f ? y : NAN;
    return size == 1.0f ? copysignf(INFINITY, x) : y;
}

/* log(x / (1 - x)); NaN outside of 0 to 1. */
static inline float cd_logitf(float x)
{
    double odds = (double)x / (1.0 - (double)x);
    float y = cd_log_wide(odds);
    y = odds < (double)INFINITY ? y : (float)odds;
    y = x < 0.0f || x > 1.0f ? NAN : y;
    return x == 0.0f ? -INFINITY : y;
}

/* --- doubles ---------------------------------------------------------------------------------- */

/* One step of Halley's method from y towards the solution of erf(y) = x, for 0 <= x < 1. Above 1/2
 * erfc(y) and 1 - x are compared, which have more digits. */
static inline double cd_erfinv_step(double y, double x)
{
    double excess = x > 0.5 ? (1.0 - x) - erfc(y) : erf(y) - x;
    double step = excess * exp(y * y) * 0.88622692545275801; /* sqrt(pi) / 2 */
    return y - step / (1.0 + y * step);
}

/* Winitzki's formula, whose error is below 1 in 300, and two steps of Halley's method, each of
 * which has three times the digits of the one before. NaN outside of -1 to 1. */
static inline double cd_erfinv_of(double x)
{
    double size = fabs(x);
    if (size == 1.0) return copysign(INFINITY, x);
    if (!(size < 1.0)) return NAN;
    double l = log1p(-size) + log1p(size), t = 4.3307467507998539 + 0.5 * l; /* 2 / (0.147 pi) */
    double root = sqrt(t * t - l / 0.147) - t;
    double y = root > 0.0 ? sqrt(root) : 0.0;
    y = cd_erfinv_step(cd_erfinv_step(y, size), size);
    return copysign(y, x);
}

/* The derivative of log |gamma|. Below 0 by reflection; from 0 to 10 by recurrence; above by
 * Stirling's series, whose coefficients are the Bernoulli numbers B(2 k) / (2 k). */
static inline double cd_digamma_of(double x)
{
    if (x == 0.0) return copysign(INFINITY, -x);
    double y = 0.0;
    if (x < 0.0) {
        double fraction = x - rint(x);   /* tan has the period pi */
        if (fraction == 0.0) return NAN; /* a pole */
        y = -3.1415926535897931 / tan(3.1415926535897931 * fraction);
        x = 1.0 - x;
    }
    for (; x < 10.0; x += 1.0) y -= 1.0 / x;
    double z = 1.0 / (x * x);
    double p = 691.0 / 32760.0;
    p = 1.0 / 132.0 - z * p;
    p = 1.0 / 240.0 - z * p;
    p = 1.0 / 252.0 - z * p;
    p = 1.0 / 120.0 - z * p;
    p = 1.0 / 12.0 - z * p;
    return y + (log(x) - 0.5 / x - z * p);
}

/* Hurwitz's zeta function for x > 0 and a whole s >= 2: the sum over k >= 0 of (x + k)^-s. The
 * first terms one by one, the others by Euler and Maclaurin's formula, whose terms fall fast if x
 * is well above s. */
static inline double cd_zeta_of(double s, double x)
{
    /* B(2 k) / (2 k)! */
    static const double bernoulli[] = { 1.0 / 12,         -1.0 / 720,     1.0 / 30240,
                                        -1.0 / 1209600,   1.0 / 47900160, -691.0 / 1307674368000,
                                        1.0 / 74724249600 };
    double sum = 0.0, power = pow(x, -s);
    for (; x < 12.0 + 1.5 * s; power = pow(x, -s)) {
        sum += power;
        if (power * x <= 1e-18 * sum) return sum; /* the others are less than power * x */
        x += 1.0;
    }
    sum += pow(x, 1.0 - s) / (s - 1.0) + 0.5 * power;
    for (int k = 0; k < (int)(sizeof bernoulli / sizeof *bernoulli); k++) {
        power *= k == 0 ? s / x : (s + 2.0 * k - 1.0) / x * ((s + 2.0 * k) / x);
        sum += bernoulli[k] * power;
    }
    return sum;
}

/* The n-th derivative of digamma, n >= 1: (-1)^(n+1) n! times the sum over k >= 0 of (x +
 * k)^-(n+1).
 * For a negative x the terms on either side of 0 are two sums. With t between 0 and 1, those below
 * are at -t, -t - 1, ..., x, and those above begin at 1 - t. Of an even n terms on either side have
 * opposite signs, and halfway between whole numbers they cancel: the sums of all are subtracted
 * first, so that they do so exactly. */
static inline double cd_polygamma_of(int n, double x)
{
    const double s = n + 1.0;
    double sum;
    if (x > 0.0) {
        sum = cd_zeta_of(s, x);
    } else if (x == floor(x)) { /* a pole, or -infinity */
        sum = x == -INFINITY ? NAN : INFINITY;
    } else {
        double t = ceil(x) - x, own = cd_zeta_of(s, t), mirrored = cd_zeta_of(s, 1.0 - t);
        double beyond = cd_zeta_of(s, 1.0 - x); /* what own has too many */
        sum = n % 2 ? (mirrored + own) - beyond : (mirrored - own) + beyond;
    }
    return (n % 2 ? 1.0 : -1.0) * tgamma(s) * sum;
}

#endif
