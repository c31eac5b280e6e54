/* softmax of one row, or of a block of columns. The text for one type is in
 * softmax_typed_internal.h. */
#include "core/cpu/math_internal.h"
#include "core/cpu/softmax_internal.h"

enum {
    BLOCK = 512, /* elements whose exponentials wait to be added */
    LANES = 32   /* maxima side by side; gcc unrolls shorter loops instead of vectorising them */
};

/* Asks for the bytes that stand `distance` behind these, which most often are the next row's: they
 * come while the exponentials, which need no memory, are computed. Beyond the array it does
 * nothing.
 */
static inline void fetch_ahead(const void *from, int64_t distance, int64_t bytes)
{
    enum { LINE = 64 };
    for (int64_t i = 0; i < bytes; i += LINE) {
        __builtin_prefetch((const void *)((uintptr_t)from + (uintptr_t)(distance + i)), 0, 3);
    }
}

#define REAL     float
#define EXP      cd_expf
#define POWER    cd_exp_scaledf
#define UNIT     0x1p-64
#define NAME(x_) x_##_f32
#include "core/cpu/softmax_typed_internal.h"

#define REAL     double
#define EXP      exp
#define POWER    exp
#define UNIT     1.0
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
