/* One input. */
#include "core/cpu/loops_internal.h"
#include "core/cpu/math_internal.h"

#define FLOAT_LOOPS(map_, expr32_, expr64_)                                                        \
    CD_LOOP_1(map_##_f32, float, float, , expr32_)                                                 \
    CD_LOOP_1(map_##_f64, double, double, , expr64_)

/* Signed arithmetic goes through unsigned, where it wraps. */
#define INTEGER_LOOPS(map_, signed_expr_, unsigned_expr_)                                          \
    CD_LOOP_1(map_##_i64, int64_t, int64_t, , signed_expr_)                                        \
    CD_LOOP_1(map_##_i32, int32_t, int32_t, , signed_expr_)                                        \
    CD_LOOP_1(map_##_u8, uint8_t, uint8_t, , unsigned_expr_)

FLOAT_LOOPS(exp, cd_expf(x), exp(x))
FLOAT_LOOPS(log, cd_logf(x), log(x))
FLOAT_LOOPS(sqrt, sqrtf(x), sqrt(x))
FLOAT_LOOPS(rsqrt, 1.0f / sqrtf(x), 1.0 / sqrt(x))
FLOAT_LOOPS(reciprocal, 1.0f / x, 1.0 / x)
FLOAT_LOOPS(square, x *x, x *x)
FLOAT_LOOPS(abs, fabsf(x), fabs(x))
FLOAT_LOOPS(neg, -x, -x)
FLOAT_LOOPS(sign, (x > 0) - (x < 0), (x > 0) - (x < 0))
FLOAT_LOOPS(relu, x < 0 ? 0 : x, x < 0 ? 0 : x)
FLOAT_LOOPS(sigmoid, cd_sigmoidf(x), (x < 0 ? exp(x) : 1.0) / (1.0 + exp(-fabs(x))))
FLOAT_LOOPS(tanh, cd_tanhf(x), tanh(x))
FLOAT_LOOPS(zero_infinity, fabsf(x) == INFINITY ? 0 : x, fabs(x) == INFINITY ? 0 : x)

INTEGER_LOOPS(square, (uint64_t)x *(uint64_t)x, x *x)
INTEGER_LOOPS(abs, x < 0 ? 0 - (uint64_t)x : (uint64_t)x, x)
INTEGER_LOOPS(neg, 0 - (uint64_t)x, -x)
INTEGER_LOOPS(sign, (x > 0) - (x < 0), x > 0)
INTEGER_LOOPS(relu, x < 0 ? 0 : x, x)

CD_LOOP_1(not_bool, uint8_t, uint8_t, , x == 0)

#define FLOATS(map_) .map_##_ = { [CD_F32] = map_##_f32, [CD_F64] = map_##_f64 }
#define NUMBERS(map_)                                                                              \
    .map_##_ = { [CD_F32] = map_##_f32,                                                            \
                 [CD_F64] = map_##_f64,                                                            \
                 [CD_I64] = map_##_i64,                                                            \
                 [CD_I32] = map_##_i32,                                                            \
                 [CD_U8] = map_##_u8 }

const struct cd_cpu_unary CD_CPU_TABLE(unary) = {
    FLOATS(exp),           FLOATS(log),
    FLOATS(sqrt),          FLOATS(rsqrt),
    FLOATS(reciprocal),    NUMBERS(square),
    NUMBERS(abs),          NUMBERS(neg),
    NUMBERS(sign),         NUMBERS(relu),
    FLOATS(sigmoid),       FLOATS(tanh),
    FLOATS(zero_infinity), .not_ = { [CD_BOOL] = not_bool },
};
