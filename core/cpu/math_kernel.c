/* The mathematical maps and those that ask what kind of number an element is, for one instruction
 * set. Doubles are computed by libm. */
#include <float.h>

#include "core/cpu/loops_internal.h"
#include "core/cpu/math_special_internal.h"
#include "core/cpu/math_trigonometric_internal.h"

#define FLOAT_LOOPS(map_, expr32_, expr64_)                                                        \
    CD_LOOP_1(map_##_f32, float, float, , expr32_)                                                 \
    CD_LOOP_1(map_##_f64, double, double, , expr64_)

/* --- elementary functions --------------------------------------------------------------------- */

FLOAT_LOOPS(asin, cd_asinf(x), asin(x))
FLOAT_LOOPS(acos, cd_acosf(x), acos(x))
FLOAT_LOOPS(atan, cd_atanf(x), atan(x))
FLOAT_LOOPS(sinh, cd_sinhf(x), sinh(x))
FLOAT_LOOPS(cosh, cd_coshf(x), cosh(x))
FLOAT_LOOPS(asinh, cd_asinhf(x), asinh(x))
FLOAT_LOOPS(acosh, cd_acoshf(x), acosh(x))
FLOAT_LOOPS(atanh, cd_atanhf(x), atanh(x))
FLOAT_LOOPS(exp2, cd_exp2f(x), exp2(x))
FLOAT_LOOPS(expm1, cd_expm1f(x), expm1(x))
FLOAT_LOOPS(log2, cd_log2f(x), log2(x))
FLOAT_LOOPS(log10, cd_log10f(x), log10(x))
FLOAT_LOOPS(log1p, cd_log1pf(x), log1p(x))
FLOAT_LOOPS(rsqrt, 1.0f / sqrtf(x), 1.0 / sqrt(x))

/* --- functions with a period ------------------------------------------------------------------ */

/* Whether |x| is beyond what cd_sinf and its relatives reduce; NaN and infinity are not. */
static inline bool is_beyond(float x)
{
    const uint32_t limit = cd_bits_of_float(CD_TURNS_LIMIT), infinity = 0x7f800000;
    return (cd_bits_of_float(x) & 0x7fffffff) - limit - 1 < infinity - limit - 1;
}

static bool any_is_beyond(int64_t n, const float *x)
{
    uint32_t beyond = 0;
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) beyond |= is_beyond(x[i]);
    return beyond != 0;
}

/* Runs of so many elements, which stay in the first cache between the question and the loop. */
enum { RUN = 1024 };

/* Like CD_LOOP_1, but with libm's function for elements that are beyond. near_ is an expression of
 * x, beyond_ another. */
#define PERIODIC_LOOP(map_, near_, beyond_)                                                        \
    static void map_##_each(int64_t n, char *const *data, const int64_t *stride)                   \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++) {                                                          \
            const float x = CD_AT(1, const float, i);                                              \
            CD_AT(0, float, i) = is_beyond(x) ? (beyond_) : (near_);                               \
        }                                                                                          \
    }                                                                                              \
    static void map_##_run(int64_t n, const float *in, float *out)                                 \
    {                                                                                              \
        CD_CPU_VECTORISE                                                                           \
        for (int64_t i = 0; i < n; i++) {                                                          \
            const float x = in[i];                                                                 \
            out[i] = (near_);                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void map_##_f32(int64_t n, char *const *data, const int64_t *stride,                    \
                           const void *params)                                                     \
    {                                                                                              \
        (void)params;                                                                              \
        if (!CD_CONTIGUOUS(0, float) || !CD_CONTIGUOUS(1, float)) {                                \
            map_##_each(n, data, stride);                                                          \
            return;                                                                                \
        }                                                                                          \
        for (int64_t begin = 0; begin < n; begin += RUN) {                                         \
            const int64_t count = n - begin < RUN ? n - begin : RUN;                               \
            float *out = (float *)data[0] + begin;                                                 \
            float *in = (float *)data[1] + begin;                                                  \
            if (any_is_beyond(count, in)) {                                                        \
                char *const part[] = { (char *)out, (char *)in };                                  \
                map_##_each(count, part, stride);                                                  \
            } else {                                                                               \
                map_##_run(count, in, out);                                                        \
            }                                                                                      \
        }                                                                                          \
    }

PERIODIC_LOOP(sin, cd_sinf(x), sinf(x))
PERIODIC_LOOP(cos, cd_cosf(x), cosf(x))
PERIODIC_LOOP(tan, cd_tanf(x), tanf(x))
CD_LOOP_1(sin_f64, double, double, , sin(x))
CD_LOOP_1(cos_f64, double, double, , cos(x))
CD_LOOP_1(tan_f64, double, double, , tan(x))

/* sin(pi x) / (pi x), with the rounded product in both places, as PyTorch computes it. */
static inline float sinc_near(float x)
{
    const float turn = x * 3.14159265f;
    return x == 0.0f ? 1.0f : cd_sinf(turn) / turn;
}

static inline float sinc_beyond(float x)
{
    const float turn = x * 3.14159265f;
    return sinf(turn) / turn;
}

static inline double sinc_wide(double x)
{
    const double turn = x * 3.1415926535897931;
    return x == 0.0 ? 1.0 : sin(turn) / turn;
}

PERIODIC_LOOP(sinc, sinc_near(x), sinc_beyond(x))
CD_LOOP_1(sinc_f64, double, double, , sinc_wide(x))

/* --- special functions ------------------------------------------------------------------------ */

static inline double log_gamma(double x)
{
    int sign; /* lgamma itself would write a global variable */
    return lgamma_r(x, &sign);
}

FLOAT_LOOPS(erf, cd_erff(x), erf(x))
FLOAT_LOOPS(erfc, cd_erfcf(x), erfc(x))
FLOAT_LOOPS(erfinv, cd_erfinvf(x), cd_erfinv_of(x))
FLOAT_LOOPS(lgamma, cd_lgammaf(x), log_gamma(x))
FLOAT_LOOPS(digamma, cd_digammaf(x), cd_digamma_of(x))

#define ORDER const int order = *(const int *)params
CD_LOOP_1(polygamma_f32, float, float, ORDER, (float)cd_polygamma_of(order, (double)x))
CD_LOOP_1(polygamma_f64, double, double, ORDER, cd_polygamma_of(order, x))

/* params points to the low and the high limit of x. */
#define LIMITS(type_)                                                                              \
    const double *limits = params;                                                                 \
    const type_ low = (type_)limits[0], high = (type_)limits[1]
#define LIMITED (x < low ? low : x > high ? high : x)
CD_LOOP_1(logit_f32, float, float, LIMITS(float), cd_logitf(LIMITED))
CD_LOOP_1(logit_f64, double, double, LIMITS(double), log(LIMITED / (1.0 - LIMITED)))

/* --- rounding --------------------------------------------------------------------------------- */

FLOAT_LOOPS(floor, floorf(x), floor(x))
FLOAT_LOOPS(ceil, ceilf(x), ceil(x))
FLOAT_LOOPS(round, rintf(x), rint(x))
FLOAT_LOOPS(trunc, truncf(x), trunc(x))
FLOAT_LOOPS(frac, x - truncf(x), x - trunc(x))

/* Integers are whole already. */
CD_LOOP_1(same_i64, int64_t, int64_t, , x)
CD_LOOP_1(same_i32, int32_t, int32_t, , x)
CD_LOOP_1(same_u8, uint8_t, uint8_t, , x)

/* To a multiple of 1 / scale, or of scale. */
#define SCALE(type_)                                                                               \
    const cd_rounding *rounding = params;                                                          \
    const type_ scale = (type_)rounding->scale;                                                    \
    const bool tens = rounding->tens
CD_LOOP_1(round_decimals_f32, float, float, SCALE(float),
          tens ? rintf(x / scale) * scale : rintf(x *scale) / scale)
CD_LOOP_1(round_decimals_f64, double, double, SCALE(double),
          tens ? rint(x / scale) * scale : rint(x *scale) / scale)

/* --- NaN and infinity ------------------------------------------------------------------------- */

#define REPLACEMENTS(type_)                                                                        \
    const cd_replacements *r = params;                                                             \
    const type_ nan = (type_)r->nan, above = (type_)r->posinf, below = (type_)r->neginf,           \
                infinity = (type_)INFINITY
#define REPLACED (x != x ? nan : x == infinity ? above : x == -infinity ? below : x)
/* If infinities become the largest numbers, as they do by default, x moved between these is the
 * same in fewer instructions. */
#define MOVED    ((x < below ? below : x) > above ? above : (x < below ? below : x))
#define NAN_TO_NUM(suffix_, type_, largest_)                                                       \
    CD_LOOP_1(replaced_##suffix_, type_, type_, REPLACEMENTS(type_), REPLACED)                     \
    CD_LOOP_1(moved_##suffix_, type_, type_, REPLACEMENTS(type_);                                  \
              (void)infinity, x != x ? nan : MOVED)                                                \
    static void nan_to_num_##suffix_(int64_t n, char *const *data, const int64_t *stride,          \
                                     const void *params)                                           \
    {                                                                                              \
        REPLACEMENTS(type_);                                                                       \
        (void)nan, (void)infinity;                                                                 \
        const bool moves = above == (largest_) && below == -(largest_);                            \
        (moves ? moved_##suffix_ : replaced_##suffix_)(n, data, stride, params);                   \
    }
NAN_TO_NUM(f32, float, FLT_MAX)
NAN_TO_NUM(f64, double, DBL_MAX)

/* A bool for each element, for floating dtypes and for integers, which are all finite. */
#define QUESTION(map_, expr32_, expr64_, signed_expr_, unsigned_expr_)                             \
    CD_LOOP_1(map_##_f32, uint8_t, float, , expr32_)                                               \
    CD_LOOP_1(map_##_f64, uint8_t, double, , expr64_)                                              \
    CD_LOOP_1(map_##_i64, uint8_t, int64_t, , signed_expr_)                                        \
    CD_LOOP_1(map_##_i32, uint8_t, int32_t, , signed_expr_)                                        \
    CD_LOOP_1(map_##_u8, uint8_t, uint8_t, , unsigned_expr_)

QUESTION(isnan, x != x, x != x, x != x, x != x)
QUESTION(isinf, fabsf(x) == INFINITY, fabs(x) == (double)INFINITY, x != x, x != x)
QUESTION(isfinite, fabsf(x) < INFINITY, fabs(x) < (double)INFINITY, x == x, x == x)
QUESTION(isposinf, x == INFINITY, x == (double)INFINITY, x != x, x != x)
QUESTION(isneginf, x == -INFINITY, x == -(double)INFINITY, x != x, x != x)
QUESTION(signbit, cd_bits_of_float(x) >> 31, cd_bits_of_double(x) >> 63, x < 0, x != x)

/* --- the table -------------------------------------------------------------------------------- */

#define FLOATS(map_)  .map_##_ = { CD_CPU_FLOATS(map_) }
#define ROUNDS(map_)  .map_##_ = { CD_CPU_FLOATS(map_), CD_CPU_INTEGERS(same) }
#define ANSWERS(map_) .map_##_ = { CD_CPU_EVERY(map_) }
const struct cd_cpu_math_table CD_CPU_TABLE(math) = {
    FLOATS(sin),        FLOATS(cos),       FLOATS(tan),
    FLOATS(asin),       FLOATS(acos),      FLOATS(atan),
    FLOATS(sinh),       FLOATS(cosh),      FLOATS(asinh),
    FLOATS(acosh),      FLOATS(atanh),     FLOATS(exp2),
    FLOATS(expm1),      FLOATS(log2),      FLOATS(log10),
    FLOATS(log1p),      FLOATS(rsqrt),     FLOATS(sinc),
    FLOATS(erf),        FLOATS(erfc),      FLOATS(erfinv),
    FLOATS(lgamma),     FLOATS(digamma),   FLOATS(polygamma),
    FLOATS(logit),      FLOATS(frac),      FLOATS(round_decimals),
    FLOATS(nan_to_num), ROUNDS(floor),     ROUNDS(ceil),
    ROUNDS(round),      ROUNDS(trunc),     ANSWERS(isnan),
    ANSWERS(isinf),     ANSWERS(isfinite), ANSWERS(isposinf),
    ANSWERS(isneginf),  ANSWERS(signbit),
};
