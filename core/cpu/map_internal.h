/* Elementwise maps: functions that compute a run of elements, found by name and dtype.
 * iter_internal.h runs them over operands of any layout. */
#ifndef CANDELA_CORE_CPU_MAP_INTERNAL_H
#define CANDELA_CORE_CPU_MAP_INTERNAL_H

#include "core/dtype.h"

/* Computes n elements: data[0] is the output, data[1..] are the inputs in the order that the lists
 * below give. Each operand advances by its stride, in bytes. The output either overlaps no input or
 * is exactly one. `params` is what the map asks for, NULL if nothing. */
typedef void cd_loop(int64_t n, char *const *data, const int64_t *byte_strides, const void *params);

/* One input x; the output has its dtype. For f32 and f64; neg, abs, relu, sign and square also for
 * i64, i32 and u8, where they wrap. NaN and zeros are as in PyTorch: relu(NaN) is NaN, relu(-0) is
 * -0, sign(NaN) is 0. zero_infinity is 0 where x is infinite, else x. */
#define CD_UNARY_MAPS(X)                                                                           \
    X(exp)                                                                                         \
    X(log)                                                                                         \
    X(sqrt)                                                                                        \
    X(reciprocal)                                                                                  \
    X(square)                                                                                      \
    X(abs)                                                                                         \
    X(neg)                                                                                         \
    X(sign)                                                                                        \
    X(relu)                                                                                        \
    X(sigmoid)                                                                                     \
    X(tanh)                                                                                        \
    X(zero_infinity)

/* One input x; the output has its dtype. For f32 and f64; floor, ceil, round and trunc also for
 * integers but bool, which they copy. round takes the even one of two neighbours. sinc is sin(pi x)
 * / (pi x). Four maps have params: round_decimals a cd_rounding; nan_to_num a cd_replacements;
 * polygamma an int, its order; logit two doubles, between which x is moved first. */
#define CD_MATH_MAPS(X)                                                                            \
    X(sin)                                                                                         \
    X(cos)                                                                                         \
    X(tan)                                                                                         \
    X(asin)                                                                                        \
    X(acos)                                                                                        \
    X(atan)                                                                                        \
    X(sinh)                                                                                        \
    X(cosh)                                                                                        \
    X(asinh)                                                                                       \
    X(acosh)                                                                                       \
    X(atanh)                                                                                       \
    X(exp2)                                                                                        \
    X(expm1)                                                                                       \
    X(log2)                                                                                        \
    X(log10)                                                                                       \
    X(log1p)                                                                                       \
    X(rsqrt)                                                                                       \
    X(sinc)                                                                                        \
    X(erf)                                                                                         \
    X(erfc)                                                                                        \
    X(erfinv)                                                                                      \
    X(lgamma)                                                                                      \
    X(digamma)                                                                                     \
    X(polygamma)                                                                                   \
    X(logit)                                                                                       \
    X(floor)                                                                                       \
    X(ceil)                                                                                        \
    X(round)                                                                                       \
    X(trunc)                                                                                       \
    X(frac)                                                                                        \
    X(round_decimals)                                                                              \
    X(nan_to_num)

/* One input of any dtype; the output is bool. */
#define CD_QUESTION_MAPS(X)                                                                        \
    X(isnan)                                                                                       \
    X(isinf)                                                                                       \
    X(isfinite)                                                                                    \
    X(isposinf)                                                                                    \
    X(isneginf)                                                                                    \
    X(signbit)

/* Two inputs a and b; the output has their dtype. For every dtype but bool, with integers that
 * wrap; div for f32 and f64 only. bool has add (or), mul (and), maximum and minimum.
 *
 * maximum and minimum of a number and NaN are NaN. squared_difference is (a - b)^2, for f32 and
 * f64. sigmoid_backward and tanh_backward, for f32 and f64, take dy and the forward's result y.
 * With a cd_scalar f as params: add_scaled, a + f b (of bool: or, unless f is 0), and lerp_by, a +
 * f (b - a) of f32 and f64.
 *
 * Three inputs: lerp, a + c (b - a), and with a cd_scalar f addcmul, a + f b c (not bool), and
 * addcdiv, a + f b / c; lerp and addcdiv of f32 and f64. */
#define CD_BINARY_MAPS(X)                                                                          \
    X(add)                                                                                         \
    X(sub)                                                                                         \
    X(mul)                                                                                         \
    X(div)                                                                                         \
    X(maximum)                                                                                     \
    X(minimum)                                                                                     \
    X(squared_difference)                                                                          \
    X(sigmoid_backward)                                                                            \
    X(tanh_backward)                                                                               \
    X(add_scaled)                                                                                  \
    X(lerp_by)                                                                                     \
    X(lerp)                                                                                        \
    X(addcmul)                                                                                     \
    X(addcdiv)

/* Two inputs of one dtype, any of them; the output is bool. */
#define CD_COMPARE_MAPS(X)                                                                         \
    X(eq)                                                                                          \
    X(ne)                                                                                          \
    X(lt)                                                                                          \
    X(le)                                                                                          \
    X(gt)                                                                                          \
    X(ge)

/* Two inputs of one dtype, any of them, but logical_not one; the output is bool. A number counts as
 * true unless it is 0, so NaN does. isclose: params is a cd_closeness; integers and bool are
 * compared as float32. */
#define CD_LOGIC_MAPS(X)                                                                           \
    X(logical_and)                                                                                 \
    X(logical_or)                                                                                  \
    X(logical_xor)                                                                                 \
    X(logical_not)                                                                                 \
    X(isclose)

/* Of i64, i32 and u8, and of bool but for the shifts, with an output of that dtype: two inputs, but
 * bitwise_not one. A shift by a negative number, or by as many bits as the type has or more, moves
 * every bit out: what is left is 0, or the sign to the right. */
#define CD_BITWISE_MAPS(X)                                                                         \
    X(bitwise_and)                                                                                 \
    X(bitwise_or)                                                                                  \
    X(bitwise_xor)                                                                                 \
    X(bitwise_left_shift)                                                                          \
    X(bitwise_right_shift)                                                                         \
    X(bitwise_not)

/* Inputs of one dtype, which is that of the output. Two inputs: div_trunc, div_floor, remainder and
 * fmod, for every dtype but bool (an integer divided by 0 gives 0: ops refuse it before); gcd and
 * lcm of integers; fmax, fmin and heaviside of every dtype; copysign, atan2, hypot, ldexp (a 2^b),
 * logaddexp, logaddexp2 and xlogy of f32 and f64; pow of every dtype but bool. An integer to a
 * negative power is 0, unless it is 1 or -1. */
#define CD_ARITHMETIC_MAPS(X)                                                                      \
    X(div_trunc)                                                                                   \
    X(div_floor)                                                                                   \
    X(remainder)                                                                                   \
    X(fmod)                                                                                        \
    X(gcd)                                                                                         \
    X(lcm)                                                                                         \
    X(fmax)                                                                                        \
    X(fmin)                                                                                        \
    X(copysign)                                                                                    \
    X(heaviside)                                                                                   \
    X(atan2)                                                                                       \
    X(hypot)                                                                                       \
    X(ldexp)                                                                                       \
    X(logaddexp)                                                                                   \
    X(logaddexp2)                                                                                  \
    X(xlogy)                                                                                       \
    X(pow)

/* where: inputs a condition (bool), a and b (any dtype); a where the condition is true, else b.
 * fill: no input; any dtype; params points to the value, which has that dtype. clamp: input x (not
 * bool); params is a cd_bounds; NaN stays NaN. clamp_backward: inputs dy and x (f32, f64); params
 * is a cd_bounds; dy where min < x < max, else 0. relu_backward: inputs dy and x (f32, f64); 0
 * where x <= 0, else dy: where x is NaN too. */
#define CD_SELECT_MAPS(X)                                                                          \
    X(where)                                                                                       \
    X(fill)                                                                                        \
    X(clamp)                                                                                       \
    X(clamp_backward)                                                                              \
    X(relu_backward)

/* The activations of autograd/activation.h, and their gradients, for f32 and f64; threshold for
 * i64, i32 and u8 too. Those of one input x: gelu, gelu_tanh, silu, mish, softplus, elu,
 * logsigmoid, leaky_relu, softshrink, hardshrink, hardswish, hardsigmoid, threshold. The
 * gradients take dy and x; elu_result_backward dy and elu's result; shrink_backward is that of
 * softshrink and hardshrink. glu and prelu take their two operands; glu_gate_backward takes dy
 * and the two operands of glu, and gives the gradient of the second; prelu_backward takes dy, x
 * and the weight, and prelu_weight_backward dy and x. activation_internal.h has the params. */
#define CD_ACTIVATION_MAPS(X)                                                                      \
    X(gelu)                                                                                        \
    X(gelu_backward)                                                                               \
    X(gelu_tanh)                                                                                   \
    X(gelu_tanh_backward)                                                                          \
    X(silu)                                                                                        \
    X(silu_backward)                                                                               \
    X(mish)                                                                                        \
    X(mish_backward)                                                                               \
    X(softplus)                                                                                    \
    X(softplus_backward)                                                                           \
    X(elu)                                                                                         \
    X(elu_backward)                                                                                \
    X(elu_result_backward)                                                                         \
    X(logsigmoid)                                                                                  \
    X(logsigmoid_backward)                                                                         \
    X(glu)                                                                                         \
    X(glu_gate_backward)                                                                           \
    X(leaky_relu)                                                                                  \
    X(leaky_relu_backward)                                                                         \
    X(prelu)                                                                                       \
    X(prelu_backward)                                                                              \
    X(prelu_weight_backward)                                                                       \
    X(softshrink)                                                                                  \
    X(hardshrink)                                                                                  \
    X(shrink_backward)                                                                             \
    X(hardswish)                                                                                   \
    X(hardswish_backward)                                                                          \
    X(hardsigmoid)                                                                                 \
    X(hardsigmoid_backward)                                                                        \
    X(threshold)                                                                                   \
    X(threshold_backward)

typedef enum cd_map {
#define CD_MAP_NAME(map_) CD_MAP_##map_,
    CD_UNARY_MAPS(CD_MAP_NAME) CD_BINARY_MAPS(CD_MAP_NAME) CD_COMPARE_MAPS(CD_MAP_NAME)
        CD_SELECT_MAPS(CD_MAP_NAME) CD_LOGIC_MAPS(CD_MAP_NAME) CD_BITWISE_MAPS(CD_MAP_NAME)
            CD_ARITHMETIC_MAPS(CD_MAP_NAME) CD_MATH_MAPS(CD_MAP_NAME) CD_QUESTION_MAPS(CD_MAP_NAME)
                CD_ACTIVATION_MAPS(CD_MAP_NAME)
#undef CD_MAP_NAME
                    CD_MAP_COUNT
} cd_map;

/* A number as floating maps use it, and as integer maps do (narrow ones use its low bits). */
typedef struct cd_scalar {
    double real;
    int64_t integer;
} cd_scalar;

/* The bounds of clamp. A bound that is absent does not limit anything. */
typedef struct cd_bounds {
    bool has_min, has_max;
    cd_scalar min, max;
} cd_bounds;

/* How near two numbers must be for isclose: |a - b| <= atol + rtol |b|. */
typedef struct cd_closeness {
    double rtol, atol;
    bool equal_nan; /* two NaN are close */
} cd_closeness;

/* How round_decimals rounds: to a multiple of 1 / scale, or with `tens` to one of scale. */
typedef struct cd_rounding {
    double scale; /* a power of ten */
    bool tens;
} cd_rounding;

/* What nan_to_num puts in place of NaN, infinity and -infinity. */
typedef struct cd_replacements {
    double nan, posinf, neginf;
} cd_replacements;

/* The loop of a map for a dtype, which is that of the inputs other than a condition. NULL where the
 * lists above have none. */
cd_loop *cd_cpu_loop(cd_map map, cd_dtype dtype);

/* A loop that converts data[1], of dtype `from`, to data[0], of dtype `to`. NULL for a number that
 * is no dtype. From a float to an integer the fraction is cut off; NaN and numbers out of range
 * become the least i64 or i32. For u8 they become the low byte of the i32, and so 0 for those that
 * are out of i32's range too. Integers keep their low bits. A bool is whether the number is not 0.
 */
cd_loop *cd_cpu_convert_loop(cd_dtype from, cd_dtype to);

/* The tables of the kernel files. A member is named after its map, with an underscore behind. */
#define CD_LOOP_ROW(map_) cd_loop *map_##_[CD_DTYPE_COUNT];
struct cd_cpu_unary_table {
    CD_UNARY_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_binary_table {
    CD_BINARY_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_compare_table {
    CD_COMPARE_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_select_table {
    CD_SELECT_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_arithmetic_table {
    CD_ARITHMETIC_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_logic_table {
    CD_LOGIC_MAPS(CD_LOOP_ROW) CD_BITWISE_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_math_table {
    CD_MATH_MAPS(CD_LOOP_ROW)
    CD_QUESTION_MAPS(CD_LOOP_ROW)
};
struct cd_cpu_activation_table {
    CD_ACTIVATION_MAPS(CD_LOOP_ROW)
};
#undef CD_LOOP_ROW
struct cd_cpu_convert_table {
    cd_loop *loop[CD_DTYPE_COUNT][CD_DTYPE_COUNT]; /* from, to */
};

#endif
