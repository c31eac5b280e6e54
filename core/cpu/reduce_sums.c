/* Sums, products and norms. The text for one type is in reduce_sums_typed_internal.h. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/reduce_internal.h"

#define JOIN_NAMES_(a_, b_) a_##_##b_
#define JOIN_NAMES(a_, b_)  JOIN_NAMES_(a_, b_)

#define FLOATING
#define TYPE     float
#define STATE    double
#define RESULT   float
#define NAME(x_) JOIN_NAMES(x_, f32)
#include "core/cpu/reduce_sums_typed_internal.h"

#define TYPE     double
#define STATE    double
#define RESULT   double
#define NAME(x_) JOIN_NAMES(x_, f64)
#include "core/cpu/reduce_sums_typed_internal.h"
#undef FLOATING

/* Integers are added as unsigned numbers, which wrap; the bits are those of the signed result. */
#define TYPE     int64_t
#define STATE    uint64_t
#define RESULT   int64_t
#define NAME(x_) JOIN_NAMES(x_, i64)
#include "core/cpu/reduce_sums_typed_internal.h"

#define TYPE     int32_t
#define STATE    uint64_t
#define RESULT   int64_t
#define NAME(x_) JOIN_NAMES(x_, i32)
#include "core/cpu/reduce_sums_typed_internal.h"

#define TYPE     uint8_t
#define STATE    uint64_t
#define RESULT   int64_t
#define NAME(x_) JOIN_NAMES(x_, u8)
#include "core/cpu/reduce_sums_typed_internal.h"

#define FOLD_TO(kind_, suffix_, finish_)                                                           \
    {                                                                                              \
        .element = sizeof(element_##suffix_), .state = sizeof(state_##suffix_),                    \
        .result = sizeof(result_##suffix_), .start = kind_##_start_##suffix_,                      \
        .fold = kind_##_fold_##suffix_, .join = kind_##_join_##suffix_,                            \
        .finish = finish_##_##suffix_                                                              \
    }
#define FOLD(kind_, suffix_) FOLD_TO(kind_, suffix_, finish)
#define EVERY(kind_)                                                                               \
    {                                                                                              \
        [CD_F32] = FOLD(kind_, f32), [CD_F64] = FOLD(kind_, f64), [CD_I64] = FOLD(kind_, i64),     \
        [CD_I32] = FOLD(kind_, i32), [CD_U8] = FOLD(kind_, u8), [CD_BOOL] = FOLD(kind_, u8)        \
    }

const struct cd_cpu_sums CD_CPU_TABLE(sums) = {
    .sum = EVERY(sum),
    .prod = EVERY(prod),
    .norm = { [CD_F32] = FOLD_TO(norm, f32, finish_norm),
              [CD_F64] = FOLD_TO(norm, f64, finish_norm) },
};
