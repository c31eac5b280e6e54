/* Maxima and minima, with their indices or without, for one instruction set: the folds that
 * reduce.c runs. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

#define TYPE       float
#define SUFFIX     f32
#define LOWEST     -INFINITY
#define HIGHEST    INFINITY
#define IS_NAN(x_) ((x_) != (x_))
#include "core/cpu/reduce_min_max_typed.h"

#define TYPE       double
#define SUFFIX     f64
#define LOWEST     -INFINITY
#define HIGHEST    INFINITY
#define IS_NAN(x_) ((x_) != (x_))
#include "core/cpu/reduce_min_max_typed.h"

#define TYPE       int64_t
#define SUFFIX     i64
#define LOWEST     INT64_MIN
#define HIGHEST    INT64_MAX
#define IS_NAN(x_) false
#include "core/cpu/reduce_min_max_typed.h"

#define TYPE       int32_t
#define SUFFIX     i32
#define LOWEST     INT32_MIN
#define HIGHEST    INT32_MAX
#define IS_NAN(x_) false
#include "core/cpu/reduce_min_max_typed.h"

#define TYPE       uint8_t
#define SUFFIX     u8
#define LOWEST     0
#define HIGHEST    UINT8_MAX
#define IS_NAN(x_) false
#include "core/cpu/reduce_min_max_typed.h"

#define FOLD(kind_, suffix_)                                                                       \
    {                                                                                              \
        .element = sizeof(element_##suffix_), .state = sizeof(element_##suffix_),                  \
        .result = sizeof(element_##suffix_), .start = start_##kind_##_##suffix_,                   \
        .fold = fold_##kind_##_##suffix_, .join = join_##kind_##_##suffix_,                        \
        .finish = finish_##suffix_                                                                 \
    }
#define INDEX_FOLD(kind_, suffix_)                                                                 \
    {                                                                                              \
        .element = sizeof(element_##suffix_), .state = sizeof(indexed_##suffix_),                  \
        .result = sizeof(element_##suffix_), .second = sizeof(int64_t),                            \
        .start = start_indexed_##suffix_, .fold = fold_indexed_##kind_##_##suffix_,                \
        .join = join_indexed_##kind_##_##suffix_, .finish = finish_indexed_##suffix_               \
    }

const struct cd_cpu_min_max_table CD_CPU_TABLE(min_max) = {
    .max = { CD_CPU_EVERY_AS(FOLD, max) },
    .min = { CD_CPU_EVERY_AS(FOLD, min) },
    .argmax = { CD_CPU_EVERY_AS(INDEX_FOLD, max) },
    .argmin = { CD_CPU_EVERY_AS(INDEX_FOLD, min) },
};
