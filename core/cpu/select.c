/* Maps that choose between values, for one instruction set: where, fill, clamp, and the gradients
 * of clamp and relu. */
#include <string.h>

#include "core/cpu/loops_internal.h"

/* CD_LOOP_2 has four loops, this two: conditions are contiguous as a rule, and where a or b is a
 * single number the general loop is no slower than its loads. */
#define WHERE(suffix_, type_)                                                                      \
    static void where_##suffix_(int64_t n, char *const *data, const int64_t *stride,               \
                                const void *params)                                                \
    {                                                                                              \
        (void)params;                                                                              \
        if (CD_CONTIGUOUS(0, type_) && CD_CONTIGUOUS(1, uint8_t) && CD_CONTIGUOUS(2, type_) &&     \
            CD_CONTIGUOUS(3, type_)) {                                                             \
            type_ *out = (type_ *)data[0];                                                         \
            const uint8_t *condition = (const uint8_t *)data[1];                                   \
            const type_ *a = (const type_ *)data[2], *b = (const type_ *)data[3];                  \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ yes = a[i], no = b[i];                                                 \
                out[i] = condition[i] ? yes : no;                                                  \
            }                                                                                      \
        } else {                                                                                   \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ yes = CD_AT(2, const type_, i), no = CD_AT(3, const type_, i);         \
                CD_AT(0, type_, i) = CD_AT(1, const uint8_t, i) ? yes : no;                        \
            }                                                                                      \
        }                                                                                          \
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
