/* The maps of one input, for one instruction set. */
#include "core/cpu/loops_internal.h"
#include "core/cpu/math_internal.h"

#define FLOAT_LOOPS(map_, expr32_, expr64_)                                                        \
    CD_LOOP_1(map_##_f32, float, float, , expr32_)                                                 \
    CD_LOOP_1(map_##_f64, double, double, , expr64_)

/* Signed integers are computed as unsigned ones, which wrap. */
#define INTEGER_LOOPS(map_, signed_expr_, unsigned_expr_)                                          \
    CD_LOOP_1(map_##_i64, int64_t, int64_t, , signed_expr_)                                        \
    CD_LOOP_1(map_##_i32, int32_t, int32_t, , signed_expr_)                                        \
    CD_LOOP_1(map_##_u8, uint8_t, uint8_t, , unsigned_expr_)

FLOAT_LOOPS(exp, cd_expf(x), exp(x))
FLOAT_LOOPS(log, cd_logf(x), log(x))
FLOAT_LOOPS(sqrt, sqrtf(x), sqrt(x))
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

const struct cd_cpu_unary_table CD_CPU_TABLE(unary) = {
    .exp_ = { CD_CPU_FLOATS(exp) },
    .log_ = { CD_CPU_FLOATS(log) },
    .sqrt_ = { CD_CPU_FLOATS(sqrt) },
    .reciprocal_ = { CD_CPU_FLOATS(reciprocal) },
    .square_ = { CD_CPU_NUMBERS(square) },
    .abs_ = { CD_CPU_NUMBERS(abs) },
    .neg_ = { CD_CPU_NUMBERS(neg) },
    .sign_ = { CD_CPU_EVERY(sign) },
    .relu_ = { CD_CPU_NUMBERS(relu) },
    .sigmoid_ = { CD_CPU_FLOATS(sigmoid) },
    .tanh_ = { CD_CPU_FLOATS(tanh) },
    .zero_infinity_ = { CD_CPU_FLOATS(zero_infinity) },
};
