/* Conversions from each dtype to each, for one instruction set. */
#include "core/cpu/loops_internal.h"

/* In C the conversion of a number that does not fit is undefined. Here it gives the least value, as
 * the instructions of x86 do. The comparisons are false for NaN. */
static inline int64_t i64_of(double x)
{
    bool fits = (x >= -0x1p63) & (x < 0x1p63);
    int64_t whole = (int64_t)(fits ? x : 0);
    return fits ? whole : INT64_MIN;
}

static inline int32_t i32_of(double x)
{
    bool fits = (x > -0x1.00000002p31) & (x < 0x1p31);
    int32_t whole = (int32_t)(fits ? x : 0);
    return fits ? whole : INT32_MIN;
}

#define FROM_FLOAT(suffix_, type_)                                                                 \
    CD_LOOP_1(suffix_##_to_f32, float, type_, , x)                                                 \
    CD_LOOP_1(suffix_##_to_f64, double, type_, , x)                                                \
    CD_LOOP_1(suffix_##_to_i64, int64_t, type_, , i64_of(x))                                       \
    CD_LOOP_1(suffix_##_to_i32, int32_t, type_, , i32_of(x))                                       \
    CD_LOOP_1(suffix_##_to_u8, uint8_t, type_, , i32_of(x))                                        \
    CD_LOOP_1(suffix_##_to_bool, uint8_t, type_, , x != 0)

#define FROM_INTEGER(suffix_, type_)                                                               \
    CD_LOOP_1(suffix_##_to_f32, float, type_, , x)                                                 \
    CD_LOOP_1(suffix_##_to_f64, double, type_, , x)                                                \
    CD_LOOP_1(suffix_##_to_i64, int64_t, type_, , x)                                               \
    CD_LOOP_1(suffix_##_to_i32, int32_t, type_, , x)                                               \
    CD_LOOP_1(suffix_##_to_u8, uint8_t, type_, , x)                                                \
    CD_LOOP_1(suffix_##_to_bool, uint8_t, type_, , x != 0)

FROM_FLOAT(f32, float)
FROM_FLOAT(f64, double)
FROM_INTEGER(i64, int64_t)
FROM_INTEGER(i32, int32_t)
FROM_INTEGER(u8, uint8_t)

/* A bool from a file or from a caller's array may be any byte, where each but 0 is true. It is
 * converted as a u8, to bool too, and comes out as 1. */
#define TO_EVERY(suffix_)                                                                          \
    {                                                                                              \
        CD_CPU_NUMBERS(suffix_##_to), [CD_BOOL] = suffix_##_to_bool                                \
    }

const struct cd_cpu_convert_table CD_CPU_TABLE(convert) = {
    .loop = { [CD_F32] = TO_EVERY(f32),
              [CD_F64] = TO_EVERY(f64),
              [CD_I64] = TO_EVERY(i64),
              [CD_I32] = TO_EVERY(i32),
              [CD_U8] = TO_EVERY(u8),
              [CD_BOOL] = TO_EVERY(u8) },
};
