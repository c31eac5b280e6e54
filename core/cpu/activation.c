/* The maps of activations and of their gradients, for one instruction set. */
#include "core/cpu/activation_internal.h"

#include "core/cpu/activation_math_internal.h"
#include "core/cpu/loops_internal.h"

#define TYPE            float
#define SUFFIX          f32
#define DOWN            0x1p-64f
#define MULADD          CD_CPU_MULADDF
#define POWER_MINUS(x_) cd_power_minusf((x_), 0)
#define LOG1P           cd_log1p_unitf
#define ABS             fabsf
#include "core/cpu/activation_typed.h"

#define TYPE               double
#define SUFFIX             f64
#define DOWN               1
#define MULADD(a_, b_, c_) ((a_) * (b_) + (c_))
#define POWER_MINUS(x_)    ((cd_power_f64){ exp(-(x_)), 0 })
#define LOG1P              log1p
#define ABS                fabs
#include "core/cpu/activation_typed.h"

/* x times the normal distribution: x Q(-x) for negative x, x - x Q(x) for positive x, where the
 * tail Q is 0 beyond 20. */
static inline float gelu_f32(float x)
{
    const float size = fabsf(x), bounded = size > 20 ? 20 : size; /* NaN stays */
    const cd_normal_tail tail = cd_normal_tailf(bounded);
    const float tail_times =
        power_times_f32(tail.power, tail.top) * (x > 20 ? 20 : x) / tail.bottom * 0x1p-64f;
    return x <= 0 ? tail_times : x - tail_times;
}

static inline double gelu_f64(double x)
{
    return x * (0.5 * erfc(x * -0.70710678118654752));
}

/* The normal distribution, plus x times its density. With t = |x| this is Q(t) - t e^(-t^2 / 2) /
 * sqrt(2 pi) for negative x, and 1 minus that for positive x. */
static inline float gelu_slope_f32(float x)
{
    const float size = fabsf(x), bounded = size > 20 ? 20 : size; /* NaN stays */
    const cd_normal_tail tail = cd_normal_tailf(bounded);
    const float below = power_of_f32(tail.power) * (tail.top / tail.bottom - size * 0.398942280f);
    return x < 0 ? below : 1 - below;
}

static inline double gelu_slope_f64(double x)
{
    return 0.5 * erfc(x * -0.70710678118654752) + x * (0.39894228040143268 * exp(-0.5 * x * x));
}

/* --- loops ------------------------------------------------------------------------------------ */

/* out[i] = expr_, an expression of a, b and c, the elements of three inputs. There are loops for
 * contiguous operands, and for c being a single number, as the weight of prelu is. */
#define LOOP_3(name_, type_, expr_)                                                                \
    static void name_(int64_t n, char *const *data, const int64_t *stride, const void *params)     \
    {                                                                                              \
        (void)params;                                                                              \
        const bool runs =                                                                          \
            CD_CONTIGUOUS(0, type_) && CD_CONTIGUOUS(1, type_) && CD_CONTIGUOUS(2, type_);         \
        type_ *out = (type_ *)data[0];                                                             \
        const type_ *first = (const type_ *)data[1], *second = (const type_ *)data[2];             \
        const type_ *third = (const type_ *)data[3];                                               \
        if (runs && CD_CONTIGUOUS(3, type_)) {                                                     \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ a = first[i], b = second[i], c = third[i];                             \
                out[i] = (type_)(expr_);                                                           \
            }                                                                                      \
        } else if (runs && stride[3] == 0 && n > 0) {                                              \
            const type_ c = *third;                                                                \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ a = first[i], b = second[i];                                           \
                out[i] = (type_)(expr_);                                                           \
            }                                                                                      \
        } else {                                                                                   \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ a = CD_AT(1, const type_, i), b = CD_AT(2, const type_, i);            \
                const type_ c = CD_AT(3, const type_, i);                                          \
                CD_AT(0, type_, i) = (type_)(expr_);                                               \
            }                                                                                      \
        }                                                                                          \
    }

/* The loops of a map y = expr_(x), and of its gradient, dy times slope_(x). setup_ reads the
 * params. In the gradients dy is a, and x is b. */
#define SMOOTH(map_, suffix_, type_)                                                               \
    CD_LOOP_1(map_##_loop_##suffix_, type_, type_, , map_##_##suffix_(x))                          \
    CD_LOOP_2(map_##_backward_##suffix_, type_, type_, , a *map_##_slope_##suffix_(b))

/* The limits 0 and 6, which the compiler does not know: else it would merge the two choices, and
 * make three comparisons of what is a maximum and a minimum. */
#define SIX(suffix_, type_)                                                                        \
    static const volatile type_ limits_##suffix_[] = { 0, 6 };                                     \
    static inline type_ relu6_##suffix_(type_ x, type_ low, type_ high)                            \
    {                                                                                              \
        x = x < low ? low : x;                                                                     \
        return x > high ? high : x;                                                                \
    }
#define LIMITS(suffix_, type_) const type_ low = limits_##suffix_[0], high = limits_##suffix_[1]

/* elu's gradient from x, and from the result. */
#define ELU(suffix_, type_, exp_, expm1_)                                                          \
    CD_LOOP_1(elu_##suffix_, type_, type_, ELU_PARAMS(type_),                                      \
              x < 0 ? expm1_(x * inner) * negative : x * positive)                                 \
    CD_LOOP_2(elu_backward_##suffix_, type_, type_, ELU_PARAMS(type_),                             \
              b <= 0 ? a * inner * negative * exp_(b * inner) : a * positive)                      \
    CD_LOOP_2(elu_result_backward_##suffix_, type_, type_, ELU_PARAMS(type_),                      \
              b <= 0 ? a * inner * (b + negative) : a * positive)
#define ELU_PARAMS(type_)                                                                          \
    const cd_elu_numbers *p = params;                                                              \
    const type_ inner = (type_)p->input_scale, positive = (type_)p->scale;                         \
    const type_ negative = (type_)(p->alpha * p->scale)

#define SOFTPLUS(suffix_, type_)                                                                   \
    CD_LOOP_1(softplus_loop_##suffix_, type_, type_, SOFTPLUS_PARAMS(type_),                       \
              limit < x * beta ? x : softplus_##suffix_(x * beta) / beta)                          \
    CD_LOOP_2(softplus_backward_##suffix_, type_, type_, SOFTPLUS_PARAMS(type_),                   \
              limit < b * beta ? a : a * softplus_slope_##suffix_(b * beta))                       \
    CD_LOOP_1(logsigmoid_loop_##suffix_, type_, type_, , logsigmoid_##suffix_(x))                  \
    CD_LOOP_2(logsigmoid_backward_##suffix_, type_, type_, , a *softplus_slope_##suffix_(-b))      \
    CD_LOOP_2(glu_##suffix_, type_, type_, , a *softplus_slope_##suffix_(b))                       \
    LOOP_3(glu_gate_backward_##suffix_, type_, a *b *sigmoid_slope_##suffix_(c))
#define SOFTPLUS_PARAMS(type_)                                                                     \
    const cd_softplus_numbers *p = params;                                                         \
    const type_ beta = (type_)p->beta, limit = (type_)p->threshold

/* Where x is NaN, the gradients of the shrinking activations are 0, and that of leaky_relu and of
 * prelu is the one below 0, as in PyTorch's vector code. */
#define SIMPLE(suffix_, type_)                                                                     \
    CD_LOOP_1(leaky_relu_##suffix_, type_, type_, SLOPE(type_), x > 0 ? x : x * slope)             \
    CD_LOOP_2(leaky_relu_backward_##suffix_, type_, type_, SLOPE(type_), b > 0 ? a : a * slope)    \
    CD_LOOP_2(prelu_##suffix_, type_, type_, , a > 0 ? a : a * b)                                  \
    LOOP_3(prelu_backward_##suffix_, type_, b > 0 ? a : a * c)                                     \
    CD_LOOP_2(prelu_weight_backward_##suffix_, type_, type_, , b > 0 ? 0 : a * b)                  \
    CD_LOOP_1(softshrink_##suffix_, type_, type_, LAMBDA(type_),                                   \
              x > lambda    ? x - lambda                                                           \
              : x < -lambda ? x + lambda                                                           \
                            : x * 0)                                                               \
    CD_LOOP_1(hardshrink_##suffix_, type_, type_, LAMBDA(type_),                                   \
              ((x >= -lambda) & (x <= lambda)) ? 0 : x)                                            \
    CD_LOOP_2(shrink_backward_##suffix_, type_, type_, LAMBDA(type_),                              \
              ((b > lambda) | (b < -lambda)) ? a : 0)                                              \
    CD_LOOP_1(hardswish_##suffix_, type_, type_, LIMITS(suffix_, type_),                           \
              x *relu6_##suffix_(x + 3, low, high) / 6)                                            \
    CD_LOOP_2(hardswish_backward_##suffix_, type_, type_, ,                                        \
              b <= -3 ? 0                                                                          \
              : b < 3 ? a * (b / 3 + (type_)0.5)                                                   \
                      : a)                                                                         \
    CD_LOOP_1(hardsigmoid_##suffix_, type_, type_, LIMITS(suffix_, type_),                         \
              relu6_##suffix_(x + 3, low, high) / 6)                                               \
    CD_LOOP_2(hardsigmoid_backward_##suffix_, type_, type_, , ((b > -3) & (b < 3)) ? a / 6 : 0)    \
    CD_LOOP_2(threshold_backward_##suffix_, type_, type_, THRESHOLD(type_, type_),                 \
              b <= limit ? 0 : a)
#define SLOPE(type_)                                                                               \
    const cd_leaky_relu_numbers *p = params;                                                       \
    const type_ slope = (type_)p->negative_slope
#define LAMBDA(type_)                                                                              \
    const cd_shrink_numbers *p = params;                                                           \
    const type_ lambda = (type_)p->lambd
/* An integer's limit and value are cut to whole numbers first. */
#define THRESHOLD(type_, number_)                                                                  \
    const cd_threshold_numbers *p = params;                                                        \
    const type_ limit = (type_)(number_)p->threshold
#define REPLACE(suffix_, type_, number_)                                                           \
    CD_LOOP_1(threshold_##suffix_, type_, type_, THRESHOLD(type_, number_);                        \
              const type_ value = (type_)(number_)p->value, x <= limit ? value : x)

SMOOTH(gelu, f32, float)
SMOOTH(gelu, f64, double)
SMOOTH(gelu_tanh, f32, float)
SMOOTH(gelu_tanh, f64, double)
SMOOTH(silu, f32, float)
SMOOTH(silu, f64, double)
SMOOTH(mish, f32, float)
SMOOTH(mish, f64, double)
SIX(f32, float)
SIX(f64, double)
ELU(f32, float, cd_expf, cd_expm1f)
ELU(f64, double, exp, expm1)
SOFTPLUS(f32, float)
SOFTPLUS(f64, double)
SIMPLE(f32, float)
SIMPLE(f64, double)
REPLACE(f32, float, float)
REPLACE(f64, double, double)
REPLACE(i64, int64_t, int64_t)
REPLACE(i32, int32_t, int64_t)
REPLACE(u8, uint8_t, int64_t)

const struct cd_cpu_activation_table CD_CPU_TABLE(activation) = {
    .gelu_ = { CD_CPU_FLOATS(gelu_loop) },
    .gelu_tanh_ = { CD_CPU_FLOATS(gelu_tanh_loop) },
    .silu_ = { CD_CPU_FLOATS(silu_loop) },
    .mish_ = { CD_CPU_FLOATS(mish_loop) },
    .softplus_ = { CD_CPU_FLOATS(softplus_loop) },
    .gelu_backward_ = { CD_CPU_FLOATS(gelu_backward) },
    .gelu_tanh_backward_ = { CD_CPU_FLOATS(gelu_tanh_backward) },
    .silu_backward_ = { CD_CPU_FLOATS(silu_backward) },
    .mish_backward_ = { CD_CPU_FLOATS(mish_backward) },
    .softplus_backward_ = { CD_CPU_FLOATS(softplus_backward) },
    .elu_ = { CD_CPU_FLOATS(elu) },
    .elu_backward_ = { CD_CPU_FLOATS(elu_backward) },
    .elu_result_backward_ = { CD_CPU_FLOATS(elu_result_backward) },
    .logsigmoid_ = { CD_CPU_FLOATS(logsigmoid_loop) },
    .logsigmoid_backward_ = { CD_CPU_FLOATS(logsigmoid_backward) },
    .glu_ = { CD_CPU_FLOATS(glu) },
    .glu_gate_backward_ = { CD_CPU_FLOATS(glu_gate_backward) },
    .leaky_relu_ = { CD_CPU_FLOATS(leaky_relu) },
    .leaky_relu_backward_ = { CD_CPU_FLOATS(leaky_relu_backward) },
    .prelu_ = { CD_CPU_FLOATS(prelu) },
    .prelu_backward_ = { CD_CPU_FLOATS(prelu_backward) },
    .prelu_weight_backward_ = { CD_CPU_FLOATS(prelu_weight_backward) },
    .softshrink_ = { CD_CPU_FLOATS(softshrink) },
    .hardshrink_ = { CD_CPU_FLOATS(hardshrink) },
    .shrink_backward_ = { CD_CPU_FLOATS(shrink_backward) },
    .hardswish_ = { CD_CPU_FLOATS(hardswish) },
    .hardswish_backward_ = { CD_CPU_FLOATS(hardswish_backward) },
    .hardsigmoid_ = { CD_CPU_FLOATS(hardsigmoid) },
    .hardsigmoid_backward_ = { CD_CPU_FLOATS(hardsigmoid_backward) },
    .threshold_backward_ = { CD_CPU_FLOATS(threshold_backward) },
    .threshold_ = { CD_CPU_NUMBERS(threshold) },
};
