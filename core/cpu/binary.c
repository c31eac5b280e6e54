/* The arithmetic that memory can hardly keep up with, for one instruction set: sums, products, and
 * sums with a factor, of two and three inputs. There is no build of it for AVX-512: with vectors
 * that are lines of memory it would be slower. */
#include "core/cpu/loops_internal.h"

#define FLOAT_LOOPS(map_, expr_)                                                                   \
    CD_LOOP_2(map_##_f32, float, float, , expr_)                                                   \
    CD_LOOP_2(map_##_f64, double, double, , expr_)

/* Signed integers are computed as unsigned ones, which wrap. */
#define INTEGER_LOOPS(map_, expr_)                                                                 \
    CD_LOOP_2(map_##_i64, int64_t, int64_t, , expr_)                                               \
    CD_LOOP_2(map_##_i32, int32_t, int32_t, , expr_)                                               \
    CD_LOOP_2(map_##_u8, uint8_t, uint8_t, , expr_)

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

CD_LOOP_2(or_bool, uint8_t, uint8_t, , (a | b) != 0)
CD_LOOP_2(and_bool, uint8_t, uint8_t, , (a != 0) & (b != 0))

/* --- sums with a factor ----------------------------------------------------------------------- */

/* out[i] = expr_, an expression of a, b and c, the elements of three inputs of one type. */
#define LOOP_3(name_, type_, setup_, expr_)                                                        \
    static void name_(int64_t n, char *const *data, const int64_t *stride, const void *params)     \
    {                                                                                              \
        (void)params;                                                                              \
        setup_;                                                                                    \
        if (CD_CONTIGUOUS(0, type_) && CD_CONTIGUOUS(1, type_) && CD_CONTIGUOUS(2, type_) &&       \
            CD_CONTIGUOUS(3, type_)) {                                                             \
            type_ *out = (type_ *)data[0];                                                         \
            const type_ *first = (const type_ *)data[1], *second = (const type_ *)data[2];         \
            const type_ *third = (const type_ *)data[3];                                           \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ a = first[i], b = second[i], c = third[i];                             \
                out[i] = (type_)(expr_);                                                           \
            }                                                                                      \
        } else {                                                                                   \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ a = CD_AT(1, const type_, i), b = CD_AT(2, const type_, i);            \
                const type_ c = CD_AT(3, const type_, i);                                          \
                CD_AT(0, type_, i) = (type_)(expr_);                                               \
            }                                                                                      \
        }                                                                                          \
    }

#define FACTOR(type_, field_)                                                                      \
    const cd_scalar *factor = params;                                                              \
    const type_ f = (type_)factor->field_

#define FACTOR_LOOPS(suffix_, type_, wide_, field_)                                                \
    CD_LOOP_2(add_scaled_##suffix_, type_, type_, FACTOR(wide_, field_), (wide_)a + f * (wide_)b)  \
    LOOP_3(addcmul_##suffix_, type_, FACTOR(wide_, field_), (wide_)a + f * (wide_)b * (wide_)c)
FACTOR_LOOPS(f32, float, float, real)
FACTOR_LOOPS(f64, double, double, real)
FACTOR_LOOPS(i64, int64_t, uint64_t, integer)
FACTOR_LOOPS(i32, int32_t, uint64_t, integer)
FACTOR_LOOPS(u8, uint8_t, uint64_t, integer)
CD_LOOP_2(add_scaled_bool, uint8_t, uint8_t, FACTOR(int64_t, integer), a | (b & (f != 0)))

LOOP_3(addcdiv_f32, float, FACTOR(float, real), a + f * b / c)
LOOP_3(addcdiv_f64, double, FACTOR(double, real), a + f * b / c)

/* From the nearer end, so that a weight of 1 gives b exactly. */
#define LERP(w_, abs_, type_) abs_(w_) < (type_)0.5 ? a + (w_) * (b - a) : b - (b - a) * (1 - (w_))
LOOP_3(lerp_f32, float, , LERP(c, fabsf, float))
LOOP_3(lerp_f64, double, , LERP(c, fabs, double))
CD_LOOP_2(lerp_by_f32, float, float, FACTOR(float, real), LERP(f, fabsf, float))
CD_LOOP_2(lerp_by_f64, double, double, FACTOR(double, real), LERP(f, fabs, double))

/* --- the table -------------------------------------------------------------------------------- */

const struct cd_cpu_binary_table CD_CPU_TABLE(binary) = {
    .add_ = { CD_CPU_NUMBERS(add), [CD_BOOL] = or_bool },
    .sub_ = { CD_CPU_NUMBERS(sub) },
    .mul_ = { CD_CPU_NUMBERS(mul), [CD_BOOL] = and_bool },
    .div_ = { CD_CPU_FLOATS(div) },
    .maximum_ = { CD_CPU_NUMBERS(maximum), [CD_BOOL] = or_bool },
    .minimum_ = { CD_CPU_NUMBERS(minimum), [CD_BOOL] = and_bool },
    .squared_difference_ = { CD_CPU_FLOATS(squared_difference) },
    .sigmoid_backward_ = { CD_CPU_FLOATS(sigmoid_backward) },
    .tanh_backward_ = { CD_CPU_FLOATS(tanh_backward) },
    .add_scaled_ = { CD_CPU_NUMBERS(add_scaled), [CD_BOOL] = add_scaled_bool },
    .lerp_by_ = { CD_CPU_FLOATS(lerp_by) },
    .lerp_ = { CD_CPU_FLOATS(lerp) },
    .addcmul_ = { CD_CPU_NUMBERS(addcmul) },
    .addcdiv_ = { CD_CPU_FLOATS(addcdiv) },
};
