/* Logical and bitwise operations, and isclose, for one instruction set. */
#include "core/cpu/loops_internal.h"

/* --- logical ---------------------------------------------------------------------------------- */

#define EVERY_LOOP(map_, loop_, expr_)                                                             \
    loop_(map_##_f32, uint8_t, float, , expr_) loop_(map_##_f64, uint8_t, double, , expr_)         \
        loop_(map_##_i64, uint8_t, int64_t, , expr_) loop_(map_##_i32, uint8_t, int32_t, , expr_)  \
            loop_(map_##_u8, uint8_t, uint8_t, , expr_)

EVERY_LOOP(logical_and, CD_LOOP_2, (a != 0) & (b != 0))
EVERY_LOOP(logical_or, CD_LOOP_2, (a != 0) | (b != 0))
EVERY_LOOP(logical_xor, CD_LOOP_2, (a != 0) ^ (b != 0))
EVERY_LOOP(logical_not, CD_LOOP_1, x == 0)

/* Equal numbers are close, infinities too. Others are close if their difference is finite and no
 * larger than allowed; a difference that overflows is not. With two tolerances of 0 no others are,
 * also not integers that are one float. */
#define IS_CLOSE(a_, b_, real_, abs_)                                                              \
    ((a_) == (b_)) | (((a_) != (a_)) & ((b_) != (b_)) & nan_too) |                                 \
        (others & (abs_((real_)(a_) - (real_)(b_)) < (real_)INFINITY) &                            \
         (abs_((real_)(a_) - (real_)(b_)) <= atol + abs_(rtol * (real_)(b_))))
#define CLOSENESS(real_)                                                                           \
    const cd_closeness *closeness = params;                                                        \
    const real_ rtol = (real_)closeness->rtol, atol = (real_)closeness->atol;                      \
    const int nan_too = closeness->equal_nan;                                                      \
    const int others = closeness->rtol != 0 || closeness->atol != 0
CD_LOOP_2(isclose_f32, uint8_t, float, CLOSENESS(float), IS_CLOSE(a, b, float, fabsf))
CD_LOOP_2(isclose_f64, uint8_t, double, CLOSENESS(double), IS_CLOSE(a, b, double, fabs))
CD_LOOP_2(isclose_i64, uint8_t, int64_t, CLOSENESS(float), IS_CLOSE(a, b, float, fabsf))
CD_LOOP_2(isclose_i32, uint8_t, int32_t, CLOSENESS(float), IS_CLOSE(a, b, float, fabsf))
CD_LOOP_2(isclose_u8, uint8_t, uint8_t, CLOSENESS(float), IS_CLOSE(a, b, float, fabsf))

/* --- bitwise ---------------------------------------------------------------------------------- */

/* Of bools, which are bytes, `and`, `or` and `xor` are the logical ones, and have the loops of
 * u8. */
#define INTEGER_LOOPS(map_, loop_, expr_)                                                          \
    loop_(map_##_i64, int64_t, int64_t, , expr_) loop_(map_##_i32, int32_t, int32_t, , expr_)      \
        loop_(map_##_u8, uint8_t, uint8_t, , expr_)

INTEGER_LOOPS(bitwise_and, CD_LOOP_2, a &b)
INTEGER_LOOPS(bitwise_or, CD_LOOP_2, a | b)
INTEGER_LOOPS(bitwise_xor, CD_LOOP_2, a ^ b)
INTEGER_LOOPS(bitwise_not, CD_LOOP_1, ~x)
CD_LOOP_1(bitwise_not_bool, uint8_t, uint8_t, , x == 0)

/* In C a shift is defined for 0 to bits - 1 alone, and to the left for unsigned numbers alone. A
 * signed number that is shifted right by more keeps its sign. */
#define LEFT_LOOP(suffix_, type_, unsigned_)                                                       \
    CD_LOOP_2(bitwise_left_shift_##suffix_, type_, type_,                                          \
              const unsigned_ bits = 8 * sizeof(type_),                                            \
              (unsigned_)b < bits ? (unsigned_)a << ((unsigned_)b & (bits - 1)) : 0)
#define RIGHT_LOOP(suffix_, type_, unsigned_)                                                      \
    CD_LOOP_2(bitwise_right_shift_##suffix_, type_, type_,                                         \
              const unsigned_ bits = 8 * sizeof(type_),                                            \
              a >> ((unsigned_)b < bits ? (unsigned_)b : bits - 1))
LEFT_LOOP(i64, int64_t, uint64_t)
LEFT_LOOP(i32, int32_t, uint32_t)
LEFT_LOOP(u8, uint8_t, uint8_t)
RIGHT_LOOP(i64, int64_t, uint64_t)
RIGHT_LOOP(i32, int32_t, uint32_t)
CD_LOOP_2(bitwise_right_shift_u8, uint8_t, uint8_t, , b < 8 ? a >> (b & 7) : 0)

/* --- the table -------------------------------------------------------------------------------- */

const struct cd_cpu_logic_table CD_CPU_TABLE(logic) = {
    .logical_and_ = { CD_CPU_EVERY(logical_and) },
    .logical_or_ = { CD_CPU_EVERY(logical_or) },
    .logical_xor_ = { CD_CPU_EVERY(logical_xor) },
    .logical_not_ = { CD_CPU_EVERY(logical_not) },
    .isclose_ = { CD_CPU_EVERY(isclose) },
    .bitwise_and_ = { CD_CPU_INTEGERS(bitwise_and), [CD_BOOL] = bitwise_and_u8 },
    .bitwise_or_ = { CD_CPU_INTEGERS(bitwise_or), [CD_BOOL] = bitwise_or_u8 },
    .bitwise_xor_ = { CD_CPU_INTEGERS(bitwise_xor), [CD_BOOL] = bitwise_xor_u8 },
    .bitwise_not_ = { CD_CPU_INTEGERS(bitwise_not), [CD_BOOL] = bitwise_not_bool },
    .bitwise_left_shift_ = { CD_CPU_INTEGERS(bitwise_left_shift) },
    .bitwise_right_shift_ = { CD_CPU_INTEGERS(bitwise_right_shift) },
};
