/* Comparisons: two inputs of one dtype, the output bool. */
#include "core/cpu/loops_internal.h"

#define COMPARE_LOOPS(map_, expr_)                                                                 \
    CD_LOOP_2(map_##_f32, uint8_t, float, , expr_)                                                 \
    CD_LOOP_2(map_##_f64, uint8_t, double, , expr_)                                                \
    CD_LOOP_2(map_##_i64, uint8_t, int64_t, , expr_)                                               \
    CD_LOOP_2(map_##_i32, uint8_t, int32_t, , expr_)                                               \
    CD_LOOP_2(map_##_u8, uint8_t, uint8_t, , expr_)

COMPARE_LOOPS(eq, a == b)
COMPARE_LOOPS(ne, a != b)
COMPARE_LOOPS(lt, a < b)
COMPARE_LOOPS(le, a <= b)
COMPARE_LOOPS(gt, a > b)
COMPARE_LOOPS(ge, a >= b)

#define EVERY(map_)                                                                                \
    .map_##_ = { [CD_F32] = map_##_f32, [CD_F64] = map_##_f64, [CD_I64] = map_##_i64,              \
                 [CD_I32] = map_##_i32, [CD_U8] = map_##_u8,   [CD_BOOL] = map_##_u8 },

const struct cd_cpu_compare CD_CPU_TABLE(compare) = { CD_COMPARE_MAPS(EVERY) };
