/* Maxima and minima. The text for one type is in reduce_min_max_typed_internal.h.
 *
 * BEATS(x, m): x is the better number. WINS(x, m): x takes the place of m, where a NaN wins over
 * numbers and nothing over NaN. NOTE_NAN(noted, x): x if it is NaN. */
#include <string.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/reduce_internal.h"

/* Candidates side by side. More than 16, since gcc unrolls shorter loops before it can see that
 * they are vector code. */
enum { LANES = 32 };

#define JOIN_NAMES_(a_, b_)  a_##_##b_
#define JOIN_NAMES(a_, b_)   JOIN_NAMES_(a_, b_)

#define MORE(x_, m_)         ((x_) > (m_))
#define LESS(x_, m_)         ((x_) < (m_))
#define IS_NAN(x_)           ((x_) != (x_))
#define MORE_OR_NAN(x_, m_)  (((x_) > (m_)) | (IS_NAN(x_) & !IS_NAN(m_)))
#define LESS_OR_NAN(x_, m_)  (((x_) < (m_)) | (IS_NAN(x_) & !IS_NAN(m_)))
#define SAME(x_, m_)         ((x_) == (m_))
#define SAME_OR_NAN(x_, m_)  (((x_) == (m_)) | (IS_NAN(x_) & IS_NAN(m_)))

#define TYPE                 float
#define EQUAL                SAME_OR_NAN
#define NOTE_NAN(noted_, x_) (IS_NAN(x_) ? (x_) : (noted_))
#define NAME(x_)             JOIN_NAMES(x_, max_f32)
#define BEATS                MORE
#define WINS                 MORE_OR_NAN
#define WORST                -INFINITY
#include "core/cpu/reduce_min_max_typed_internal.h"
#define NAME(x_) JOIN_NAMES(x_, min_f32)
#define BEATS    LESS
#define WINS     LESS_OR_NAN
#define WORST    INFINITY
#include "core/cpu/reduce_min_max_typed_internal.h"
#undef TYPE

#define TYPE     double
#define NAME(x_) JOIN_NAMES(x_, max_f64)
#define BEATS    MORE
#define WINS     MORE_OR_NAN
#define WORST    -INFINITY
#include "core/cpu/reduce_min_max_typed_internal.h"
#define NAME(x_) JOIN_NAMES(x_, min_f64)
#define BEATS    LESS
#define WINS     LESS_OR_NAN
#define WORST    INFINITY
#include "core/cpu/reduce_min_max_typed_internal.h"
#undef TYPE
#undef EQUAL
#undef NOTE_NAN

#define TYPE                 int64_t
#define EQUAL                SAME
#define NOTE_NAN(noted_, x_) (noted_)
#define NAME(x_)             JOIN_NAMES(x_, max_i64)
#define BEATS                MORE
#define WINS                 MORE
#define WORST                INT64_MIN
#include "core/cpu/reduce_min_max_typed_internal.h"
#define NAME(x_) JOIN_NAMES(x_, min_i64)
#define BEATS    LESS
#define WINS     LESS
#define WORST    INT64_MAX
#include "core/cpu/reduce_min_max_typed_internal.h"
#undef TYPE

#define TYPE     int32_t
#define NAME(x_) JOIN_NAMES(x_, max_i32)
#define BEATS    MORE
#define WINS     MORE
#define WORST    INT32_MIN
#include "core/cpu/reduce_min_max_typed_internal.h"
#define NAME(x_) JOIN_NAMES(x_, min_i32)
#define BEATS    LESS
#define WINS     LESS
#define WORST    INT32_MAX
#include "core/cpu/reduce_min_max_typed_internal.h"
#undef TYPE

#define TYPE     uint8_t
#define NAME(x_) JOIN_NAMES(x_, max_u8)
#define BEATS    MORE
#define WINS     MORE
#define WORST    0
#include "core/cpu/reduce_min_max_typed_internal.h"
#define NAME(x_) JOIN_NAMES(x_, min_u8)
#define BEATS    LESS
#define WINS     LESS
#define WORST    UINT8_MAX
#include "core/cpu/reduce_min_max_typed_internal.h"
#undef TYPE
#undef EQUAL
#undef NOTE_NAN

#define FOLD(kind_, suffix_)                                                                       \
    {                                                                                              \
        .element = sizeof(element_##suffix_), .state = sizeof(kind_##state_##suffix_),             \
        .result = sizeof(element_##suffix_), .start = kind_##start_##suffix_,                      \
        .fold = kind_##fold_##suffix_, .join = kind_##join_##suffix_,                              \
        .finish = kind_##finish_##suffix_                                                          \
    }
#define EVERY(kind_, way_)                                                                         \
    {                                                                                              \
        [CD_F32] = FOLD(kind_, way_##_f32), [CD_F64] = FOLD(kind_, way_##_f64),                    \
        [CD_I64] = FOLD(kind_, way_##_i64), [CD_I32] = FOLD(kind_, way_##_i32),                    \
        [CD_U8] = FOLD(kind_, way_##_u8), [CD_BOOL] = FOLD(kind_, way_##_u8)                       \
    }

const struct cd_cpu_min_max CD_CPU_TABLE(min_max) = {
    .max = EVERY(, max),
    .min = EVERY(, min),
    .argmax = EVERY(arg, max),
    .argmin = EVERY(arg, min),
};
