/* Arithmetic of two inputs beyond that of binary.c, for one instruction set: powers, quotients and
 * remainders, roundings of a quotient, and functions of two numbers. */
#include "core/cpu/loops_internal.h"
#include "core/cpu/math_exponential_internal.h"
#include "core/cpu/math_trigonometric_internal.h"

#define FLOAT_LOOPS(map_, expr32_, expr64_)                                                        \
    CD_LOOP_2(map_##_f32, float, float, , expr32_)                                                 \
    CD_LOOP_2(map_##_f64, double, double, , expr64_)
#define INTEGER_LOOPS(map_, expr_)                                                                 \
    CD_LOOP_2(map_##_i64, int64_t, int64_t, , expr_)                                               \
    CD_LOOP_2(map_##_i32, int32_t, int32_t, , expr_)                                               \
    CD_LOOP_2(map_##_u8, uint8_t, uint8_t, , expr_)

/* --- quotients of integers -------------------------------------------------------------------- */

/* Ops refuse a divisor of 0; here it gives 0, since in C it is undefined. So is the quotient of the
 * least integer and -1, which wraps here. */
static inline int64_t quotient(int64_t a, int64_t b)
{
    return b == 0 ? 0 : b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static inline int64_t rest(int64_t a, int64_t b)
{
    return b == 0 || b == -1 ? 0 : a % b;
}

/* Whether the quotient, cut off, is one above its floor. */
static inline bool is_above_floor(int64_t a, int64_t b)
{
    return rest(a, b) != 0 && (a < 0) != (b < 0);
}

INTEGER_LOOPS(div_trunc, quotient(a, b))
INTEGER_LOOPS(div_floor, quotient(a, b) - is_above_floor(a, b))
INTEGER_LOOPS(fmod, rest(a, b))
INTEGER_LOOPS(remainder, rest(a, b) + (is_above_floor(a, b) ? b : 0))

/* --- quotients of floats ---------------------------------------------------------------------- */

/* fmod of two floats, |a| < 2^26 |b|, which is exact. In double the quotient of two floats is
 * either whole or at least 2^-25 from a whole number, and its error is at most 2^-27: so it is cut
 * off rightly. The product and the difference are exact. Infinities and 0 in b give what C's fmod
 * gives. */
static inline float rest_nearf(float a, float b)
{
    const double quotient = trunc((double)a / (double)b);
    const double left = (double)a - quotient * (double)b;
    return copysignf(quotient == 0.0 ? a : (float)left, a);
}

/* PyTorch's floor division: (a - rest) / b is nearly whole, and is rounded. A quotient that is
 * infinite or not defined is that of a / b, or NaN of an infinite a. */
#define FLOAT_QUOTIENTS(suffix_, type_, exact_fmod_, floor_, copysign_)                            \
    static inline type_ remainder_of_##suffix_(type_ a, type_ b)                                   \
    {                                                                                              \
        const type_ left = exact_fmod_(a, b);                                                      \
        return ((left != 0) & ((b < 0) != (left < 0))) ? left + b : left;                          \
    }                                                                                              \
    static inline type_ floor_of_##suffix_(type_ a, type_ b)                                       \
    {                                                                                              \
        const type_ left = exact_fmod_(a, b);                                                      \
        const bool above = (left != 0) & ((b < 0) != (left < 0));                                  \
        const type_ quotient = (a - left) / b, nearly = above ? quotient - 1 : quotient;           \
        const type_ whole = floor_(nearly);                                                        \
        type_ y = nearly - whole > (type_)0.5 ? whole + 1 : whole;                                 \
        y = nearly == 0 ? copysign_(0, a / b) : y;                                                 \
        return b == 0 ? a / b : y;                                                                 \
    }                                                                                              \
    CD_LOOP_2(remainder_##suffix_, type_, type_, , remainder_of_##suffix_(a, b))                   \
    CD_LOOP_2(div_floor_##suffix_, type_, type_, , floor_of_##suffix_(a, b))                       \
    CD_LOOP_2(fmod_##suffix_, type_, type_, , exact_fmod_(a, b))
FLOAT_QUOTIENTS(near, float, rest_nearf, floorf, copysignf)
FLOAT_QUOTIENTS(far, float, fmodf, floorf, copysignf)
FLOAT_QUOTIENTS(f64, double, fmod, floor, copysign)
FLOAT_LOOPS(div_trunc, truncf(a / b), trunc(a / b))

/* A run of floats is computed in blocks. One in which some a is far from b goes to libm. */
CD_LOOP_2(is_far, uint8_t, float, , !(fabsf(a) < 0x1p26f * fabsf(b)))

static void in_blocks(cd_loop *near, cd_loop *far, int64_t n, char *const *data,
                      const int64_t *stride)
{
    enum { BLOCK = 256 };
    uint8_t mark[BLOCK];
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t count = n - begin < BLOCK ? n - begin : BLOCK;
        char *part[3];
        for (int k = 0; k < 3; k++) part[k] = data[k] + begin * stride[k];
        is_far(count, (char *const[]){ (char *)mark, part[1], part[2] },
               (const int64_t[]){ 1, stride[1], stride[2] }, NULL);
        cd_loop *loop = memchr(mark, 1, (size_t)count) ? far : near;
        loop(count, part, stride, NULL);
    }
}

#define IN_BLOCKS(map_)                                                                            \
    static void map_##_f32(int64_t n, char *const *data, const int64_t *stride,                    \
                           const void *params)                                                     \
    {                                                                                              \
        (void)params;                                                                              \
        in_blocks(map_##_near, map_##_far, n, data, stride);                                       \
    }
IN_BLOCKS(fmod)
IN_BLOCKS(remainder)
IN_BLOCKS(div_floor)

/* --- common divisors and multiples ------------------------------------------------------------ */

/* Euclid's algorithm with signed numbers, as in PyTorch: the size of the least integer is the least
 * integer itself, so that the divisor may be negative beside it. The least integer is never divided
 * by -1: it is only in the first two steps, where the other number is a size. */
#define DIVISORS(suffix_, type_)                                                                   \
    static inline type_ size_of_##suffix_(type_ x)                                                 \
    {                                                                                              \
        return x > 0 ? x : (type_)(0 - (uint64_t)x);                                               \
    }                                                                                              \
    static inline type_ divisor_of_##suffix_(type_ a, type_ b)                                     \
    {                                                                                              \
        a = size_of_##suffix_(a);                                                                  \
        b = size_of_##suffix_(b);                                                                  \
        while (a != 0) {                                                                           \
            const type_ left = (type_)rest(b, a);                                                  \
            b = a;                                                                                 \
            a = left;                                                                              \
        }                                                                                          \
        return b;                                                                                  \
    }                                                                                              \
    static inline type_ multiple_of_##suffix_(type_ a, type_ b)                                    \
    {                                                                                              \
        const int64_t part = quotient(a, divisor_of_##suffix_(a, b));                              \
        return size_of_##suffix_((type_)((uint64_t)part * (uint64_t)b));                           \
    }                                                                                              \
    CD_LOOP_2(gcd_##suffix_, type_, type_, , divisor_of_##suffix_(a, b))                           \
    CD_LOOP_2(lcm_##suffix_, type_, type_, , multiple_of_##suffix_(a, b))
DIVISORS(i64, int64_t)
DIVISORS(i32, int32_t)
DIVISORS(u8, uint8_t)

/* --- the chosen one of two -------------------------------------------------------------------- */

FLOAT_LOOPS(fmax, ((a >= b) | (b != b)) ? a : b, ((a >= b) | (b != b)) ? a : b)
FLOAT_LOOPS(fmin, ((a <= b) | (b != b)) ? a : b, ((a <= b) | (b != b)) ? a : b)
INTEGER_LOOPS(fmax, a >= b ? a : b)
INTEGER_LOOPS(fmin, a <= b ? a : b)
FLOAT_LOOPS(copysign, copysignf(a, b), copysign(a, b))
FLOAT_LOOPS(heaviside, a == 0 ? b : a > 0, a == 0 ? b : a > 0)
INTEGER_LOOPS(heaviside, a == 0 ? b : a > 0)

/* --- functions of two floats ------------------------------------------------------------------ */

/* log(1 + e^-x) for x >= 0. u is 1 + e^-x rounded; the last term makes up for the rounding, where
 * (3 - u) / 2 is near enough to 1 / u for u from 1 to 2. */
static inline float log_of_one_and(float x)
{
    const float e = cd_exp_scaledf(-x) * 0x1p-64f, u = 1.0f + e;
    float f, k;
    cd_log_splitf(u, &f, &k);
    return cd_log_joinf(f, k) + (e - (u - 1.0f)) * (1.5f - 0.5f * u);
}

/* Squares of floats are exact in double, and neither overflow nor vanish. */
static inline float hypot_of(float a, float b)
{
    const bool infinite = (fabsf(a) == INFINITY) | (fabsf(b) == INFINITY);
    const double x = (double)a, y = (double)b;
    return infinite ? INFINITY : (float)sqrt(x * x + y * y);
}

/* a 2^b. A whole b is not limited to the powers of 2 that are floats. From 10000 on every number
 * but 0 and NaN becomes infinite, and below -10000 every finite one 0. */
#define LDEXP_OF(suffix_, type_, ldexp_, exp2_, trunc_, abs_)                                      \
    static inline type_ ldexp_of_##suffix_(type_ a, type_ b)                                       \
    {                                                                                              \
        const type_ most = 10000;                                                                  \
        if (b != trunc_(b) || abs_(b) == (type_)INFINITY) return a * exp2_(b);                     \
        return ldexp_(a, (int)(b > most ? most : b < -most ? -most : b));                          \
    }
LDEXP_OF(f32, float, ldexpf, exp2f, truncf, fabsf)
LDEXP_OF(f64, double, ldexp, exp2, trunc, fabs)

/* Of equal infinities the difference is not defined. */
#define LOG_SUM(infinity_, difference_) ((a == b) & infinity_) ? a : (a > b ? a : b) + (difference_)
FLOAT_LOOPS(logaddexp, LOG_SUM((fabsf(a) == INFINITY), log_of_one_and(fabsf(a - b))),
            LOG_SUM((fabs(a) == (double)INFINITY), log1p(exp(-fabs(a - b)))))
FLOAT_LOOPS(logaddexp2, LOG_SUM((fabsf(a) == INFINITY), log1pf(exp2f(-fabsf(a - b))) * 1.44269504f),
            LOG_SUM((fabs(a) == (double)INFINITY),
                    log1p(exp2(-fabs(a - b))) * 1.4426950408889634074))
FLOAT_LOOPS(atan2, cd_atan2f(a, b), atan2(a, b))
FLOAT_LOOPS(hypot, hypot_of(a, b), hypot(a, b))
FLOAT_LOOPS(ldexp, ldexp_of_f32(a, b), ldexp_of_f64(a, b))
FLOAT_LOOPS(xlogy, b != b ? b : a == 0 ? 0 : a * cd_logf(b), b != b ? b : a == 0 ? 0 : a * log(b))

/* --- powers ----------------------------------------------------------------------------------- */

/* By repeated squaring, modulo 2^64. Narrower types keep the low bits. */
static inline uint64_t integer_power(uint64_t base, uint64_t exponent)
{
    uint64_t power = 1;
    for (; exponent; exponent >>= 1, base *= base) {
        if (exponent & 1) power *= base;
    }
    return power;
}

/* To a negative power 1 / base^-exponent is truncated: it is 0, except for 1 and -1. As in PyTorch,
 * 0 to a negative power is 0 too. */
static inline uint64_t signed_power(int64_t base, int64_t exponent)
{
    if (exponent >= 0) return integer_power((uint64_t)base, (uint64_t)exponent);
    if (base == 1) return 1;
    if (base == -1) return exponent & 1 ? (uint64_t)-1 : 1;
    return 0;
}

INTEGER_LOOPS(pow, signed_power(a, b))

/* An exponent that is a single number is most often 2, 3 or -1. Any other is copied to a block of
 * exponents, for the loop over two runs. */
#define POWER_LOOPS(suffix_, type_, any_pow_)                                                      \
    CD_LOOP_2(any_power_##suffix_, type_, type_, , any_pow_(a, b))                                 \
    CD_LOOP_1(square_##suffix_, type_, type_, , x *x)                                              \
    CD_LOOP_1(cube_##suffix_, type_, type_, , x *x *x)                                             \
    CD_LOOP_1(reciprocal_##suffix_, type_, type_, , 1 / x)                                         \
    static void same_power_##suffix_(int64_t n, char *const *data, const int64_t *stride,          \
                                     type_ exponent)                                               \
    {                                                                                              \
        enum { BLOCK = 256 };                                                                      \
        type_ exponents[BLOCK];                                                                    \
        for (int i = 0; i < BLOCK; i++) exponents[i] = exponent;                                   \
        for (int64_t begin = 0; begin < n; begin += BLOCK) {                                       \
            char *const part[] = { data[0] + begin * stride[0], data[1] + begin * stride[1],       \
                                   (char *)exponents };                                            \
            const int64_t steps[] = { stride[0], stride[1], sizeof exponent };                     \
            any_power_##suffix_(n - begin < BLOCK ? n - begin : BLOCK, part, steps, NULL);         \
        }                                                                                          \
    }                                                                                              \
    static void pow_##suffix_(int64_t n, char *const *data, const int64_t *stride,                 \
                              const void *params)                                                  \
    {                                                                                              \
        const type_ exponent = n > 0 ? *(const type_ *)data[2] : 0;                                \
        if (stride[2] != 0) {                                                                      \
            any_power_##suffix_(n, data, stride, params);                                          \
        } else if (exponent == 2) {                                                                \
            square_##suffix_(n, data, stride, params);                                             \
        } else if (exponent == 3) {                                                                \
            cube_##suffix_(n, data, stride, params);                                               \
        } else if (exponent == -1) {                                                               \
            reciprocal_##suffix_(n, data, stride, params);                                         \
        } else {                                                                                   \
            same_power_##suffix_(n, data, stride, exponent);                                       \
        }                                                                                          \
    }
POWER_LOOPS(f32, float, cd_powf)
POWER_LOOPS(f64, double, pow)

/* --- the table -------------------------------------------------------------------------------- */

const struct cd_cpu_arithmetic_table CD_CPU_TABLE(arithmetic) = {
    .div_trunc_ = { CD_CPU_NUMBERS(div_trunc) },
    .div_floor_ = { CD_CPU_NUMBERS(div_floor) },
    .remainder_ = { CD_CPU_NUMBERS(remainder) },
    .fmod_ = { CD_CPU_NUMBERS(fmod) },
    .gcd_ = { CD_CPU_INTEGERS(gcd) },
    .lcm_ = { CD_CPU_INTEGERS(lcm) },
    .fmax_ = { CD_CPU_EVERY(fmax) },
    .fmin_ = { CD_CPU_EVERY(fmin) },
    .copysign_ = { CD_CPU_FLOATS(copysign) },
    .heaviside_ = { CD_CPU_EVERY(heaviside) },
    .atan2_ = { CD_CPU_FLOATS(atan2) },
    .hypot_ = { CD_CPU_FLOATS(hypot) },
    .ldexp_ = { CD_CPU_FLOATS(ldexp) },
    .logaddexp_ = { CD_CPU_FLOATS(logaddexp) },
    .logaddexp2_ = { CD_CPU_FLOATS(logaddexp2) },
    .xlogy_ = { CD_CPU_FLOATS(xlogy) },
    .pow_ = { CD_CPU_NUMBERS(pow) },
};
