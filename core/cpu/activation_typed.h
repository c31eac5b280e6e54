/* The activations that are made of exponentials, and their slopes, for one element. A part of
 * activation.c. The slope times dy is the gradient.
 *
 * Parameters: TYPE, SUFFIX; DOWN, MULADD(a, b, c), POWER_MINUS(x), LOG1P(e) and ABS(x). All of the
 * functions use e = exp(-|x|), which is at most 1: so nothing overflows, and small results keep
 * their digits. POWER_MINUS gives it as a cd_power_f32 or cd_power_f64, times 1 / DOWN, so that it
 * is not denormal; LOG1P is log(1 + e).
 *
 * At -inf silu, mish and gelu are NaN, and so are their slopes at both infinities, as in
 * PyTorch. */
#include "core/cpu/typed_internal.h"

#if !defined(TYPE) || !defined(SUFFIX) || !defined(DOWN) || !defined(MULADD) ||                    \
    !defined(POWER_MINUS) || !defined(LOG1P) || !defined(ABS)
#error "a parameter of activation_typed.h is missing"
#endif

typedef TYPED(cd_power) TYPED(power);

/* x e, with one rounding where MULADD has one. */
static inline TYPE TYPED(power_times)(TYPED(power) e, TYPE x)
{
    const TYPE scaled = x * e.scale; /* exact */
    return MULADD(scaled, e.part, scaled);
}

static inline TYPE TYPED(power_of)(TYPED(power) e)
{
    return (e.part + 1) * (e.scale * DOWN);
}

/* e^-|x| */
static inline TYPE TYPED(exp_minus)(TYPE x)
{
    return TYPED(power_of)(POWER_MINUS(ABS(x)));
}

/* p - p q, where p is x for positive x, and x e for negative x. Beyond 800 q is 0, and is not
 * multiplied by an infinity. A p of -0 stays. */
static inline TYPE TYPED(lessened)(TYPE x, TYPED(power) e, TYPE q)
{
    const TYPE p = x < 0 ? TYPED(power_times)(e, x) : x;
    const TYPE y = MULADD(p > 800 ? -800 : -p, q, p);
    return p == 0 ? p : x < 0 ? y * DOWN : y;
}

/* x sigmoid(v), where v has the sign of x: x / (1 + e) for positive x, x e / (1 + e) for
 * negative x. */
static inline TYPE TYPED(gated)(TYPE x, TYPE v)
{
    const TYPED(power) scaled = POWER_MINUS(ABS(v));
    const TYPE p = x < 0 ? -TYPED(power_times)(scaled, -x) : x;
    const TYPE y = p / (1 + TYPED(power_of)(scaled));
    return x < 0 ? y * DOWN : y;
}

/* s + x s (1 - s) slope, where s = sigmoid(v), and slope that of v. */
static inline TYPE TYPED(gated_slope)(TYPE x, TYPE v, TYPE slope)
{
    const TYPE e = TYPED(exp_minus)(v), sum = 1 + e;
    return ((x < 0 ? e : 1) * sum + x * e * slope) / (sum * sum);
}

static inline TYPE TYPED(silu)(TYPE x)
{
    return TYPED(gated)(x, x);
}

static inline TYPE TYPED(silu_slope)(TYPE x)
{
    return TYPED(gated_slope)(x, x, 1);
}

/* GELU's approximation: x sigmoid(v), v = 2 sqrt(2 / pi) (x + 0.044715 x^3). */
#define ROOT  ((TYPE)1.5957691216057308)
#define CUBIC ((TYPE)(1.5957691216057308 * 0.044715))
static inline TYPE TYPED(gelu_tanh)(TYPE x)
{
    return TYPED(gated)(x, x * MULADD(CUBIC, x * x, ROOT));
}

static inline TYPE TYPED(gelu_tanh_slope)(TYPE x)
{
    const TYPE square = x * x;
    return TYPED(gated_slope)(x, x * MULADD(CUBIC, square, ROOT), MULADD(3 * CUBIC, square, ROOT));
}
#undef ROOT
#undef CUBIC

/* x tanh(softplus(x)), where q is n / d: for negative x n = e (1 + e), d = 2 + 2 e + e^2; for
 * positive x n = 2 e^2, d = 1 + 2 e + 2 e^2. */
static inline TYPE TYPED(mish)(TYPE x)
{
    const TYPED(power) scaled = POWER_MINUS(ABS(x));
    const TYPE e = TYPED(power_of)(scaled), sum = 1 + e;
    const TYPE n = e * (x < 0 ? sum : 2 * e);
    const TYPE d = x < 0 ? MULADD(e, e + 2, 2) : MULADD(2 * e, sum, 1);
    return TYPED(lessened)(x, scaled, n / d);
}

/* t + x s (1 - t^2), where t = n / d is the tanh, and s (1 - t^2) = 4 e (1 + e) / d^2 for
 * negative x, 4 e^2 (1 + e) / d^2 for positive x. */
static inline TYPE TYPED(mish_slope)(TYPE x)
{
    const TYPE e = TYPED(exp_minus)(x);
    const TYPE n = x < 0 ? e * (e + 2) : 1 + 2 * e;
    const TYPE d = x < 0 ? n + 2 : n + 2 * e * e;
    return (n * d + 4 * (x * e) * ((x < 0 ? 1 : e) * (1 + e))) / (d * d);
}

/* log(1 + exp(x)) */
static inline TYPE TYPED(softplus)(TYPE x)
{
    return (x < 0 ? 0 : x) + LOG1P(TYPED(exp_minus)(x));
}

/* log(sigmoid(x)) */
static inline TYPE TYPED(logsigmoid)(TYPE x)
{
    return (x < 0 ? x : 0) - LOG1P(TYPED(exp_minus)(x));
}

/* The sigmoid of x. */
static inline TYPE TYPED(softplus_slope)(TYPE x)
{
    const TYPE e = TYPED(exp_minus)(x);
    return (x < 0 ? e : 1) / (1 + e);
}

/* s (1 - s), s being the sigmoid of x. */
static inline TYPE TYPED(sigmoid_slope)(TYPE x)
{
    const TYPE e = TYPED(exp_minus)(x), sum = 1 + e;
    return e / (sum * sum);
}

#undef TYPE
#undef SUFFIX
#undef DOWN
#undef MULADD
#undef POWER_MINUS
#undef LOG1P
#undef ABS
