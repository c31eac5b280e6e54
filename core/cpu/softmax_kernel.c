/* softmax and log_softmax for one instruction set. softmax.c cuts the work into rows and blocks of
 * columns. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/math_internal.h"
#include "core/cpu/softmax_internal.h"
#include "core/cpu/typed_internal.h"

#define TYPE       float
#define SUFFIX     f32
#define EXP        cd_expf
#define EXP_SCALED cd_exp_scaledf
#define SCALE      0x1p-64
#include "core/cpu/softmax_typed.h"

#define TYPE       double
#define SUFFIX     f64
#define EXP        exp
#define EXP_SCALED exp
#define SCALE      1.0
#include "core/cpu/softmax_typed.h"

#define PAIR(kind_, suffix_)                                                                       \
    {                                                                                              \
        kind_##_row_##suffix_, kind_##_columns_##suffix_                                           \
    }

const struct cd_cpu_softmax_table CD_CPU_TABLE(softmax) = {
    .forward = { CD_CPU_FLOATS_AS(PAIR, forward) },
    .log_forward = { CD_CPU_FLOATS_AS(PAIR, log_forward) },
    .backward = { CD_CPU_FLOATS_AS(PAIR, backward) },
    .log_backward = { CD_CPU_FLOATS_AS(PAIR, log_backward) },
};
