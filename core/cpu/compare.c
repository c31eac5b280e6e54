/* Comparisons of two inputs, for one instruction set. */
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

#define ENTRY(map_) .map_##_ = { CD_CPU_EVERY(map_) },

const struct cd_cpu_compare_table CD_CPU_TABLE(compare) = { CD_COMPARE_MAPS(ENTRY) };
