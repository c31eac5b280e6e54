/* Elementwise maps: inner loops, looked up by name and dtype, and run over a cd_iter. */
#ifndef CANDELA_CORE_CPU_MAP_INTERNAL_H
#define CANDELA_CORE_CPU_MAP_INTERNAL_H

#include "core/dtype.h"

/* n elements: data[0] is the output, data[1..] the inputs in the order of the lists below, each
 * advancing by its stride in bytes. An output is either apart from an input or exactly it. `params`
 * is what the map asks for, NULL if nothing. */
typedef void cd_loop(int64_t n, char *const *data, const int64_t *byte_strides, const void *params);

/* One input x, the output of its dtype. f32 and f64; neg, abs, relu, sign and square also i64, i32
 * and u8 (where they wrap); not: bool only. The values at NaN and zeros are PyTorch's: relu(NaN) is
 * NaN, relu(-0) is -0, sign(NaN) is 0. zero_infinity: 0 where x is infinite, else x. */
#define CD_UNARY_MAPS(X)                                                                           \
    X(exp)                                                                                         \
    X(log)                                                                                         \
    X(sqrt)                                                                                        \
    X(rsqrt)                                                                                       \
    X(reciprocal)                                                                                  \
    X(square)                                                                                      \
    X(abs)                                                                                         \
    X(neg)                                                                                         \
    X(sign)                                                                                        \
    X(relu)                                                                                        \
    X(sigmoid)                                                                                     \
    X(tanh)                                                                                        \
    X(zero_infinity)                                                                               \
    X(not )

/* Two inputs a and b of the output's dtype. Numbers of every dtype (integers wrap) but for div,
 * which is for f32 and f64; bool has add (or), mul (and), maximum, minimum, and, or. The larger of
 * anything and NaN is NaN. An integer to a negative power is 0, unless it is 1 or -1.
 * add_scaled: a + alpha * b, params a cd_scalar. squared_difference and the backward maps, of dy
 * and the forward's result, are for f32 and f64. */
#define CD_BINARY_MAPS(X)                                                                          \
    X(add)                                                                                         \
    X(add_scaled)                                                                                  \
    X(sub)                                                                                         \
    X(mul)                                                                                         \
    X(div)                                                                                         \
    X(maximum)                                                                                     \
    X(minimum)                                                                                     \
    X(pow)                                                                                         \
    X(squared_difference)                                                                          \
    X(sigmoid_backward)                                                                            \
    X(tanh_backward)                                                                               \
    X(and)                                                                                         \
    X(or)

/* Two inputs of any one dtype, the output bool. */
#define CD_COMPARE_MAPS(X)                                                                         \
    X(eq)                                                                                          \
    X(ne)                                                                                          \
    X(lt)                                                                                          \
    X(le)                                                                                          \
    X(gt)                                                                                          \
    X(ge)

/* where: bool condition, a, b; any dtype. fill: no input; params points at the value, of the dtype.
 * clamp: x; numbers; params a cd_bounds; NaN passes.
 * clamp_backward: dy, x; f32 and f64; params a cd_bounds; dy where min < x < max, else 0.
 * relu_backward: dy, x; f32 and f64; dy unless x <= 0, so that at NaN the gradient passes. */
#define CD_SELECT_MAPS(X)                                                                          \
    X(where)                                                                                       \
    X(fill)                                                                                        \
    X(clamp)                                                                                       \
    X(clamp_backward)                                                                              \
    X(relu_backward)

typedef enum cd_map {
#define CD_MAP_NAME(map_) CD_MAP_##map_,
    CD_UNARY_MAPS(CD_MAP_NAME) CD_BINARY_MAPS(CD_MAP_NAME) CD_COMPARE_MAPS(CD_MAP_NAME)
        CD_SELECT_MAPS(CD_MAP_NAME)
#undef CD_MAP_NAME
            CD_MAP_COUNT
} cd_map;

/* A number for f32 and f64, and the same for integers (the lower bits for the narrower ones). */
typedef struct cd_scalar {
    double real;
    int64_t integer;
} cd_scalar;

typedef struct cd_bounds {
    bool has_min, has_max;
    cd_scalar min, max;
} cd_bounds;

/* The loop of this build for a map and a dtype (of the inputs that are not a condition); NULL where
 * the lists above have none. */
cd_loop *cd_cpu_loop(cd_map map, cd_dtype dtype);

/* Converts data[1], of dtype `from`, to data[0]; NULL for a number that is no dtype. From a float
 * to an integer it cuts the fraction off; NaN and what is out of range become the least i64 or i32,
 * and 0 for u8 when out of i32's range too, else the low byte. Integers keep their low bits. To
 * bool: whether it is not 0. */
cd_loop *cd_cpu_convert_loop(cd_dtype from, cd_dtype to);

/* The tables of the kernel files. */
#define CD_LOOP_ROW(map_) cd_loop *map_##_[CD_DTYPE_COUNT];
struct cd_cpu_unary {
    CD_UNARY_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_binary {
    CD_BINARY_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_compare {
    CD_COMPARE_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_select {
    CD_SELECT_MAPS(CD_LOOP_ROW)
};
#undef CD_LOOP_ROW
struct cd_cpu_convert {
    cd_loop *loop[CD_DTYPE_COUNT][CD_DTYPE_COUNT]; /* from, to */
};

#endif
