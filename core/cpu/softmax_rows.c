/* softmax of one row, or of a block of columns. The text for one type is in
 * softmax_typed_internal.h. */
#include "core/cpu/math_internal.h"
#include "core/cpu/softmax_internal.h"

enum {
    BLOCK = 512, /* elements whose exponentials wait to be added */
    LANES = 32   /* maxima side by side; gcc unrolls shorter loops instead of vectorising them */
};

#define REAL     float
#define EXP      cd_expf
#define NAME(x_) x_##_f32
#include "core/cpu/softmax_typed_internal.h"

#define REAL     double
#define EXP      exp
#define NAME(x_) x_##_f64
#include "core/cpu/softmax_typed_internal.h"

#define BOTH(kind_)                                                                                \
    {                                                                                              \
        [CD_F32] = { kind_##_row_f32, kind_##_columns_f32 }, [CD_F64] = {                          \
            kind_##_row_f64,                                                                       \
            kind_##_columns_f64                                                                    \
        }                                                                                          \
    }

const struct cd_cpu_softmax CD_CPU_TABLE(softmax) = {
    .forward = BOTH(forward),
    .log_forward = BOTH(log_forward),
    .backward = BOTH(backward),
    .log_backward = BOTH(log_backward),
};
