/* The maps of two inputs, for one instruction set. */
#include "core/cpu/loops_internal.h"
#include "core/cpu/math_exponential_internal.h"

#define FLOAT_LOOPS(map_, expr_)                                                                   \
    CD_LOOP_2(map_##_f32, float, float, , expr_)                                                   \
    CD_LOOP_2(map_##_f64, double, double, , expr_)

/* Signed integers are computed as unsigned ones, which wrap. */
#define INTEGER_LOOPS(map_, expr_)                                                                 \
    CD_LOOP_2(map_##_i64, int64_t, int64_t, , expr_)                                               \
    CD_LOOP_2(map_##_i32, int32_t, int32_t, , expr_)                                               \
    CD_LOOP_2(map_##_u8, uint8_t, uint8_t, , expr_)

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

FLOAT_LOOPS(add, a + b)
FLOAT_LOOPS(sub, a - b)
FLOAT_LOOPS(mul, a *b)
FLOAT_LOOPS(div, a / b)
FLOAT_LOOPS(maximum, ((a >= b) | (a != a)) ? a : b)
FLOAT_LOOPS(minimum, ((a <= b) | (a != a)) ? a : b)

FLOAT_LOOPS(squared_difference, (a - b) * (a - b))
FLOAT_LOOPS(sigmoid_backward, a *(1 - b) * b)
FLOAT_LOOPS(tanh_backward, a *(1 - b * b))

INTEGER_LOOPS(add, (uint64_t)a + (uint64_t)b)
INTEGER_LOOPS(sub, (uint64_t)a - (uint64_t)b)
INTEGER_LOOPS(mul, (uint64_t)a *(uint64_t)b)
INTEGER_LOOPS(maximum, a >= b ? a : b)
INTEGER_LOOPS(minimum, a <= b ? a : b)
INTEGER_LOOPS(pow, signed_power(a, b))

CD_LOOP_2(or_bool, uint8_t, uint8_t, , (a | b) != 0)
CD_LOOP_2(and_bool, uint8_t, uint8_t, , (a != 0) & (b != 0))

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

const struct cd_cpu_binary_table CD_CPU_TABLE(binary) = {
    .add_ = { CD_CPU_NUMBERS(add), [CD_BOOL] = or_bool },
    .sub_ = { CD_CPU_NUMBERS(sub) },
    .mul_ = { CD_CPU_NUMBERS(mul), [CD_BOOL] = and_bool },
    .div_ = { CD_CPU_FLOATS(div) },
    .maximum_ = { CD_CPU_NUMBERS(maximum), [CD_BOOL] = or_bool },
    .minimum_ = { CD_CPU_NUMBERS(minimum), [CD_BOOL] = and_bool },
    .pow_ = { CD_CPU_NUMBERS(pow) },
    .squared_difference_ = { CD_CPU_FLOATS(squared_difference) },
    .sigmoid_backward_ = { CD_CPU_FLOATS(sigmoid_backward) },
    .tanh_backward_ = { CD_CPU_FLOATS(tanh_backward) },
};
