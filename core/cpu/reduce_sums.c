/* Sums, products and norms for one instruction set: the folds that reduce.c runs. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

/* f32 is added in double. A sum adds four floats first, since the processor makes doubles of four
 * floats in the time in which it adds sixteen: this doubles the speed within the caches. The error
 * is at most 2 units in the last place of the sum of the four magnitudes, and over many elements
 * errors cancel. Products and squares are doubles from the start, where they cannot overflow. Norms
 * are for floating types only. */
#define TYPE     float
#define SUFFIX   f32
#define STATE    double
#define GROUP    float
#define RESULT   float
#define HAS_NORM 1
#include "core/cpu/reduce_sums_typed.h"

#define TYPE     double
#define SUFFIX   f64
#define STATE    double
#define GROUP    double
#define RESULT   double
#define HAS_NORM 1
#include "core/cpu/reduce_sums_typed.h"

/* Integers are added as unsigned numbers, which wrap; the bits are those of the signed result. */
#define TYPE     int64_t
#define SUFFIX   i64
#define STATE    uint64_t
#define GROUP    uint64_t
#define RESULT   int64_t
#define HAS_NORM 0
#include "core/cpu/reduce_sums_typed.h"

#define TYPE     int32_t
#define SUFFIX   i32
#define STATE    uint64_t
#define GROUP    uint64_t
#define RESULT   int64_t
#define HAS_NORM 0
#include "core/cpu/reduce_sums_typed.h"

#define TYPE     uint8_t
#define SUFFIX   u8
#define STATE    uint64_t
#define GROUP    uint64_t
#define RESULT   int64_t
#define HAS_NORM 0
#include "core/cpu/reduce_sums_typed.h"

#define FOLD_TO(kind_, suffix_, finish_)                                                           \
    {                                                                                              \
        .element = sizeof(element_##suffix_), .state = sizeof(state_##suffix_),                    \
        .result = sizeof(result_##suffix_), .start = start_##kind_##_##suffix_,                    \
        .fold = fold_##kind_##_##suffix_, .join = join_##kind_##_##suffix_,                        \
        .finish = finish_##_##suffix_                                                              \
    }
#define FOLD(kind_, suffix_) FOLD_TO(kind_, suffix_, finish)
#define NORM(kind_, suffix_) FOLD_TO(kind_, suffix_, finish_norm)

const struct cd_cpu_sums_table CD_CPU_TABLE(sums) = {
    .sum = { CD_CPU_EVERY_AS(FOLD, sum) },
    .nansum = { CD_CPU_FLOATS_AS(FOLD, nansum),
                CD_CPU_INTEGERS_AS(FOLD, sum), [CD_BOOL] = FOLD(sum, u8) },
    .prod = { CD_CPU_EVERY_AS(FOLD, prod) },
    .norm = { CD_CPU_FLOATS_AS(NORM, norm) },
};
