/* Two inputs of one dtype, the output of the same. */
#include "core/cpu/loops_internal.h"

#define FLOAT_LOOPS(map_, setup_, expr32_, expr64_)                                                \
    CD_LOOP_2(map_##_f32, float, float, setup_(float, real), expr32_)                              \
    CD_LOOP_2(map_##_f64, double, double, setup_(double, real), expr64_)

/* Signed arithmetic goes through unsigned, where it wraps. */
#define INTEGER_LOOPS(map_, setup_, expr_)                                                         \
    CD_LOOP_2(map_##_i64, int64_t, int64_t, setup_(uint64_t, integer), expr_)                      \
    CD_LOOP_2(map_##_i32, int32_t, int32_t, setup_(uint64_t, integer), expr_)                      \
    CD_LOOP_2(map_##_u8, uint8_t, uint8_t, setup_(uint64_t, integer), expr_)

#define NOTHING(type_, field_)
#define ALPHA(type_, field_) const type_ alpha = (type_)((const cd_scalar *)params)->field_

/* By squaring, modulo 2^64, of which the narrower types keep their low bits. */
static inline uint64_t integer_power(uint64_t base, uint64_t exponent)
{
    uint64_t power = 1;
    for (; exponent; exponent >>= 1, base *= base) {
        if (exponent & 1) power *= base;
    }
    return power;
}

/* The quotient is cut off towards zero, so a negative power is 0 but for 1 and -1 (PyTorch's rule,
 * which makes 0 to a negative power 0 too). */
static inline uint64_t signed_power(int64_t base, int64_t exponent)
{
    if (exponent >= 0) return integer_power((uint64_t)base, (uint64_t)exponent);
    if (base == 1) return 1;
    if (base == -1) return exponent & 1 ? (uint64_t)-1 : 1;
    return 0;
}

FLOAT_LOOPS(add, NOTHING, a + b, a + b)
FLOAT_LOOPS(add_scaled, ALPHA, a + alpha * b, a + alpha * b)
FLOAT_LOOPS(sub, NOTHING, a - b, a - b)
FLOAT_LOOPS(mul, NOTHING, a *b, a *b)
FLOAT_LOOPS(div, NOTHING, a / b, a / b)
FLOAT_LOOPS(maximum, NOTHING, ((a >= b) | (a != a)) ? a : b, ((a >= b) | (a != a)) ? a : b)
FLOAT_LOOPS(minimum, NOTHING, ((a <= b) | (a != a)) ? a : b, ((a <= b) | (a != a)) ? a : b)

FLOAT_LOOPS(squared_difference, NOTHING, (a - b) * (a - b), (a - b) * (a - b))
FLOAT_LOOPS(sigmoid_backward, NOTHING, a *(1 - b) * b, a *(1 - b) * b)
FLOAT_LOOPS(tanh_backward, NOTHING, a *(1 - b * b), a *(1 - b * b))

INTEGER_LOOPS(add, NOTHING, (uint64_t)a + (uint64_t)b)
INTEGER_LOOPS(add_scaled, ALPHA, (uint64_t)a + alpha * (uint64_t)b)
INTEGER_LOOPS(sub, NOTHING, (uint64_t)a - (uint64_t)b)
INTEGER_LOOPS(mul, NOTHING, (uint64_t)a *(uint64_t)b)
INTEGER_LOOPS(maximum, NOTHING, a >= b ? a : b)
INTEGER_LOOPS(minimum, NOTHING, a <= b ? a : b)
INTEGER_LOOPS(pow, NOTHING, signed_power(a, b))

CD_LOOP_2(or_bool, uint8_t, uint8_t, , (a | b) != 0)
CD_LOOP_2(and_bool, uint8_t, uint8_t, , (a != 0) & (b != 0))

/* Powers to an exponent that is one number are mostly these; the rest is left to libm. */
#define POWER_LOOPS(suffix_, type_, libm_pow_)                                                     \
    CD_LOOP_2(any_power_##suffix_, type_, type_, , libm_pow_(a, b))                                \
    CD_LOOP_1(square_##suffix_, type_, type_, , x *x)                                              \
    CD_LOOP_1(cube_##suffix_, type_, type_, , x *x *x)                                             \
    CD_LOOP_1(reciprocal_##suffix_, type_, type_, , 1 / x)                                         \
    static void pow_##suffix_(int64_t n, char *const *data, const int64_t *stride,                 \
                              const void *params)                                                  \
    {                                                                                              \
        cd_loop *loop = any_power_##suffix_;                                                       \
        if (stride[2] == 0 && n > 0) {                                                             \
            const type_ exponent = *(const type_ *)data[2];                                        \
            if (exponent == 2) loop = square_##suffix_;                                            \
            if (exponent == 3) loop = cube_##suffix_;                                              \
            if (exponent == -1) loop = reciprocal_##suffix_;                                       \
        }                                                                                          \
        loop(n, data, stride, params);                                                             \
    }
POWER_LOOPS(f32, float, powf)
POWER_LOOPS(f64, double, pow)

#define FLOATS(map_)   [CD_F32] = map_##_f32, [CD_F64] = map_##_f64
#define INTEGERS(map_) [CD_I64] = map_##_i64, [CD_I32] = map_##_i32, [CD_U8] = map_##_u8

const struct cd_cpu_binary CD_CPU_TABLE(binary) = {
    .add_ = { FLOATS(add), INTEGERS(add), [CD_BOOL] = or_bool },
    .add_scaled_ = { FLOATS(add_scaled), INTEGERS(add_scaled) },
    .sub_ = { FLOATS(sub), INTEGERS(sub) },
    .mul_ = { FLOATS(mul), INTEGERS(mul), [CD_BOOL] = and_bool },
    .div_ = { FLOATS(div) },
    .maximum_ = { FLOATS(maximum), INTEGERS(maximum), [CD_BOOL] = or_bool },
    .minimum_ = { FLOATS(minimum), INTEGERS(minimum), [CD_BOOL] = and_bool },
    .pow_ = { FLOATS(pow), INTEGERS(pow) },
    .squared_difference_ = { FLOATS(squared_difference) },
    .sigmoid_backward_ = { FLOATS(sigmoid_backward) },
    .tanh_backward_ = { FLOATS(tanh_backward) },
    .and_ = { [CD_BOOL] = and_bool },
    .or_ = { [CD_BOOL] = or_bool },
};
