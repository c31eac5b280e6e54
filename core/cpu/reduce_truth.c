/* any, all and the count of elements that are not 0, for one instruction set: the folds that
 * reduce.c runs. */
#include <string.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

#define TYPE   float
#define SUFFIX f32
#define WORD   uint32_t
#include "core/cpu/reduce_truth_typed.h"

#define TYPE   double
#define SUFFIX f64
#define WORD   uint64_t
#include "core/cpu/reduce_truth_typed.h"

#define TYPE   int64_t
#define SUFFIX i64
#define WORD   uint64_t
#include "core/cpu/reduce_truth_typed.h"

#define TYPE   int32_t
#define SUFFIX i32
#define WORD   uint32_t
#include "core/cpu/reduce_truth_typed.h"

#define TYPE   uint8_t
#define SUFFIX u8
#define WORD   uint8_t
#include "core/cpu/reduce_truth_typed.h"

#define FOLD_TO(kind_, suffix_, result_)                                                           \
    {                                                                                              \
        .element = sizeof(element_##suffix_), .state = sizeof(state_##kind_##_##suffix_),          \
        .result = sizeof(result_), .start = start_##kind_##_##suffix_,                             \
        .fold = fold_##kind_##_##suffix_, .join = join_##kind_##_##suffix_,                        \
        .finish = finish_##kind_##_##suffix_                                                       \
    }
#define FOLD(kind_, suffix_)  FOLD_TO(kind_, suffix_, uint8_t)
#define COUNT(kind_, suffix_) FOLD_TO(kind_, suffix_, int64_t)

const struct cd_cpu_truth_table CD_CPU_TABLE(truth) = {
    .any = { CD_CPU_EVERY_AS(FOLD, any) },
    .all = { CD_CPU_EVERY_AS(FOLD, all) },
    .count = { CD_CPU_EVERY_AS(COUNT, count) },
};
