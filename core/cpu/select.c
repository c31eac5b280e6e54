/* Maps that choose between values, for one instruction set: where, fill, clamp, and the gradients
 * of clamp and relu. */
#include <string.h>

#include "core/cpu/loops_internal.h"

/* Loops for a contiguous condition, and for a or b being contiguous or a single number. */
#define WHERE(suffix_, type_)                                                                      \
    static void where_##suffix_(int64_t n, char *const *data, const int64_t *stride,               \
                                const void *params)                                                \
    {                                                                                              \
        (void)params;                                                                              \
        type_ *out = (type_ *)data[0];                                                             \
        const uint8_t *condition = (const uint8_t *)data[1];                                       \
        const type_ *a = (const type_ *)data[2], *b = (const type_ *)data[3];                      \
        const bool runs = CD_CONTIGUOUS(0, type_) && CD_CONTIGUOUS(1, uint8_t) && n > 0;           \
        if (runs && CD_CONTIGUOUS(2, type_) && CD_CONTIGUOUS(3, type_)) {                          \
            WHERE_RUN(type_, a[i], b[i])                                                           \
        } else if (runs && stride[2] == 0 && CD_CONTIGUOUS(3, type_)) {                            \
            const type_ same = *a;                                                                 \
            WHERE_RUN(type_, same, b[i])                                                           \
        } else if (runs && CD_CONTIGUOUS(2, type_) && stride[3] == 0) {                            \
            const type_ same = *b;                                                                 \
            WHERE_RUN(type_, a[i], same)                                                           \
        } else {                                                                                   \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ yes = CD_AT(2, const type_, i), no = CD_AT(3, const type_, i);         \
                CD_AT(0, type_, i) = CD_AT(1, const uint8_t, i) ? yes : no;                        \
            }                                                                                      \
        }                                                                                          \
    }
#define WHERE_RUN(type_, yes_, no_)                                                                \
    CD_CPU_VECTORISE                                                                               \
    for (int64_t i = 0; i < n; i++) {                                                              \
        const type_ yes = (yes_), no = (no_);                                                      \
        out[i] = condition[i] ? yes : no;                                                          \
    }

#define FILL(suffix_, type_)                                                                       \
    static void fill_##suffix_(int64_t n, char *const *data, const int64_t *stride,                \
                               const void *params)                                                 \
    {                                                                                              \
        type_ value;                                                                               \
        memcpy(&value, params, sizeof value);                                                      \
        if (CD_CONTIGUOUS(0, type_)) {                                                             \
            type_ *out = (type_ *)data[0];                                                         \
            for (int64_t i = 0; i < n; i++) out[i] = value;                                        \
        } else {                                                                                   \
            for (int64_t i = 0; i < n; i++) CD_AT(0, type_, i) = value;                            \
        }                                                                                          \
    }

/* An absent bound is the least or the largest value of the type. As in PyTorch, the result is max
 * where min is above max. */
#define BOUNDS(type_, field_, least_, greatest_)                                                   \
    const cd_bounds *bounds = params;                                                              \
    const type_ low = bounds->has_min ? (type_)bounds->min.field_ : (least_);                      \
    const type_ high = bounds->has_max ? (type_)bounds->max.field_ : (greatest_)
#define CLAMP(suffix_, type_, field_, least_, greatest_)                                           \
    CD_LOOP_1(clamp_##suffix_, type_, type_, BOUNDS(type_, field_, least_, greatest_),             \
              (x < low ? low : x) > high ? high : (x < low ? low : x))

#define GRADIENTS(suffix_, type_)                                                                  \
    CD_LOOP_2(clamp_backward_##suffix_, type_, type_, BOUNDS(type_, real, -INFINITY, INFINITY);    \
              const bool any_low = !bounds->has_min;                                               \
              const bool any_high = !bounds->has_max,                                              \
              (((b > low) | any_low) & ((b < high) | any_high)) ? a : 0)                           \
    CD_LOOP_2(relu_backward_##suffix_, type_, type_, , b <= 0 ? 0 : a)

#define EVERY(suffix_, type_, field_, least_, greatest_)                                           \
    WHERE(suffix_, type_)                                                                          \
    FILL(suffix_, type_)                                                                           \
    CLAMP(suffix_, type_, field_, least_, greatest_)

EVERY(f32, float, real, -INFINITY, INFINITY)
EVERY(f64, double, real, -INFINITY, INFINITY)
EVERY(i64, int64_t, integer, INT64_MIN, INT64_MAX)
EVERY(i32, int32_t, integer, INT32_MIN, INT32_MAX)
EVERY(u8, uint8_t, integer, 0, UINT8_MAX)
GRADIENTS(f32, float)
GRADIENTS(f64, double)

const struct cd_cpu_select_table CD_CPU_TABLE(select) = {
    .where_ = { CD_CPU_EVERY(where) },
    .fill_ = { CD_CPU_EVERY(fill) },
    .clamp_ = { CD_CPU_NUMBERS(clamp) },
    .clamp_backward_ = { CD_CPU_FLOATS(clamp_backward) },
    .relu_backward_ = { CD_CPU_FLOATS(relu_backward) },
};
