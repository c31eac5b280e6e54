/* Fills of plain memory. How many words each element takes, and which bits of them, is PyTorch's
 * choice (ATen/native/cpu/DistributionTemplates.h and ATen/core/DistributionsHelper.h, 2.15): a
 * program that follows a PyTorch run must draw as it does. */
#include "core/random_internal.h"

#include <float.h>
#include <math.h>

#include "core/error.h"

static const double TWO_PI = 6.283185307179586476925286766559;

static bool check_out(const char *what, const void *out, int64_t n)
{
    if (n < 0) return cd_fail(CD_ERR_ARGUMENT, "%s: %lld elements", what, (long long)n);
    if (!out && n > 0) return cd_fail(CD_ERR_ARGUMENT, "%s: nowhere to write to (NULL)", what);
    return true;
}

static bool check_known(const char *what, cd_dtype dtype)
{
    if (cd_dtype_size(dtype) != 0) return true;
    return cd_fail(CD_ERR_DTYPE, "%s: %d is no dtype", what, (int)dtype);
}

static bool check_floating(const char *what, cd_dtype dtype)
{
    if (cd_dtype_is_floating(dtype)) return true;
    if (!check_known(what, dtype)) return false;
    return cd_fail(CD_ERR_DTYPE, "%s: the dtype must be float32 or float64, not %s", what,
                   cd_dtype_name(dtype));
}

/* Writes a small integer as an element. */
static inline void store(cd_dtype dtype, void *out, int64_t i, int64_t value)
{
    switch (dtype) {
    case CD_F32:
        ((float *)out)[i] = (float)value;
        break;
    case CD_F64:
        ((double *)out)[i] = (double)value;
        break;
    case CD_I64:
        ((int64_t *)out)[i] = value;
        break;
    case CD_I32:
        ((int32_t *)out)[i] = (int32_t)value;
        break;
    case CD_U8:
    case CD_BOOL:
        ((uint8_t *)out)[i] = (uint8_t)value;
        break;
    case CD_DTYPE_DEFAULT:
        break;
    }
}

/* --- uniform ---------------------------------------------------------------------------------- */

static bool check_uniform(const char *what, cd_dtype dtype, double from, double to)
{
    if (!check_floating(what, dtype)) return false;
    double most = dtype == CD_F32 ? (double)FLT_MAX : DBL_MAX;
    if (fabs(from) <= most && fabs(to) <= most && from <= to && to - from <= most) return true;
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s: from %g to %g is no range of %s: from <= to, and both and their "
                   "difference must be finite",
                   what, from, to, cd_dtype_name(dtype));
}

bool cd_random_uniform(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double from,
                       double to)
{
    if (!check_out("uniform", out, n) || !check_uniform("uniform", dtype, from, to)) return false;
    /* Rounded once, as PyTorch's AVX2 and AVX-512 builds of this loop do. That may give `to`
     * itself, which is not part of the range. */
    if (dtype == CD_F32) {
        float *x = out, a = (float)from, b = (float)to, width = b - a;
        for (int64_t i = 0; i < n; i++) {
            x[i] = fmaf(cd_random_f32(state), width, a);
            if (x[i] == b) x[i] = a;
        }
    } else {
        double *x = out, width = to - from;
        for (int64_t i = 0; i < n; i++) {
            x[i] = fma(cd_random_f64(state), width, from);
            if (x[i] == to) x[i] = from;
        }
    }
    return true;
}

/* --- normal ----------------------------------------------------------------------------------- */

/* Box and Muller's transform: u1, u2 uniform give the independent normal numbers r cos t and r sin
 * t, r = sqrt(-2 log u1), t = 2 pi u2. */

/* One number, in double whatever the dtype; every second one comes from the state. */
static double one_normal(cd_generator_state *state, double mean, double std)
{
    if (state->has_normal_f64) {
        state->has_normal_f64 = false;
        return fma(state->normal_f64, std, mean);
    }
    double u = cd_random_f64(state), v = cd_random_f64(state);
    double radius = sqrt(-2 * log1p(-v)), angle = TWO_PI * u;
    state->normal_f64 = radius * sin(angle);
    state->has_normal_f64 = true;
    return fma(radius * cos(angle), std, mean);
}

/* 16 uniform numbers become 16 normal ones: pairs are (x[j], x[j + 8]). 1 - x[j] is in (0, 1]. */
enum { BLOCK = 16, HALF = BLOCK / 2 };

static void block_f32(float *x, float mean, float std)
{
    for (int j = 0; j < HALF; j++) {
        float radius = sqrtf(-2 * logf(1 - x[j])), angle = (float)TWO_PI * x[j + HALF];
        /* A product of two floats is exact in double: each sum is rounded as if fused. */
        x[j] = (float)((double)(radius * cosf(angle)) * std + mean);
        x[j + HALF] = (float)((double)(radius * sinf(angle)) * std + mean);
    }
}

static void block_f64(double *x, double mean, double std)
{
    for (int j = 0; j < HALF; j++) {
        double radius = sqrt(-2 * log(1 - x[j])), angle = TWO_PI * x[j + HALF];
        x[j] = fma(radius * cos(angle), std, mean);
        x[j + HALF] = fma(radius * sin(angle), std, mean);
    }
}

/* The whole array is filled with uniform numbers and then turned over, block by block. When blocks
 * do not fill it, the last 16 elements, some of them finished already, are drawn and turned over
 * anew. */
static void normal_f32(cd_generator_state *state, float *x, int64_t n, float mean, float std)
{
    for (int64_t i = 0; i < n; i++) x[i] = cd_random_f32(state);
    for (int64_t i = 0; i + BLOCK <= n; i += BLOCK) block_f32(x + i, mean, std);
    if (n % BLOCK == 0) return;
    float *last = x + n - BLOCK;
    for (int i = 0; i < BLOCK; i++) last[i] = cd_random_f32(state);
    block_f32(last, mean, std);
}

static void normal_f64(cd_generator_state *state, double *x, int64_t n, double mean, double std)
{
    for (int64_t i = 0; i < n; i++) x[i] = cd_random_f64(state);
    for (int64_t i = 0; i + BLOCK <= n; i += BLOCK) block_f64(x + i, mean, std);
    if (n % BLOCK == 0) return;
    double *last = x + n - BLOCK;
    for (int i = 0; i < BLOCK; i++) last[i] = cd_random_f64(state);
    block_f64(last, mean, std);
}

static bool check_normal(const char *what, cd_dtype dtype, double std)
{
    if (!check_floating(what, dtype)) return false;
    return std >= 0 || cd_fail(CD_ERR_ARGUMENT, "%s: std must be >= 0, not %g", what, std);
}

bool cd_random_normal_single(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                             double mean, double std)
{
    if (!check_out("normal", out, n) || !check_normal("normal", dtype, std)) return false;
    for (int64_t i = 0; i < n; i++) {
        double value = one_normal(state, mean, std);
        if (dtype == CD_F32) ((float *)out)[i] = (float)value;
        if (dtype == CD_F64) ((double *)out)[i] = value;
    }
    return true;
}

bool cd_random_normal(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double mean,
                      double std)
{
    if (n < BLOCK) return cd_random_normal_single(state, dtype, out, n, mean, std);
    if (!check_out("normal", out, n) || !check_normal("normal", dtype, std)) return false;
    if (dtype == CD_F32) normal_f32(state, out, n, (float)mean, (float)std);
    if (dtype == CD_F64) normal_f64(state, out, n, mean, std);
    return true;
}

/* --- integers --------------------------------------------------------------------------------- */

/* The integers that a dtype can hold; of floating ones those up to which none is left out. */
static void integer_bounds(cd_dtype dtype, int64_t *least, int64_t *most)
{
    int64_t bound = INT64_C(1) << (dtype == CD_F32 ? FLT_MANT_DIG : DBL_MANT_DIG);
    *least = -bound;
    *most = bound;
    if (dtype == CD_I64) *least = INT64_MIN, *most = INT64_MAX;
    if (dtype == CD_I32) *least = INT32_MIN, *most = INT32_MAX;
    if (dtype == CD_U8) *least = 0, *most = UINT8_MAX;
    if (dtype == CD_BOOL) *least = 0, *most = 1;
}

bool cd_random_check_integers(cd_dtype dtype, int64_t low, int64_t high)
{
    if (!check_known("randint", dtype)) return false;
    if (low >= high) {
        return cd_fail(CD_ERR_ARGUMENT, "randint: low (%lld) must be below high (%lld)",
                       (long long)low, (long long)high);
    }
    int64_t least, most;
    integer_bounds(dtype, &least, &most);
    if (low >= least && high - 1 <= most) return true;
    return cd_fail(CD_ERR_ARGUMENT, "randint: %lld to %lld does not fit in %s: %lld to %lld does",
                   (long long)low, (long long)(high - 1), cd_dtype_name(dtype), (long long)least,
                   (long long)most);
}

bool cd_random_integers(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                        int64_t low, int64_t high)
{
    if (!check_out("randint", out, n) || !cd_random_check_integers(dtype, low, high)) return false;
    uint64_t range = (uint64_t)high - (uint64_t)low;
    /* The remainder favours small numbers: by a sixteenth at most, as the 64-bit draw starts here.
     */
    if (range < UINT64_C(1) << 28) {
        uint32_t small = (uint32_t)range;
        for (int64_t i = 0; i < n; i++) store(dtype, out, i, low + cd_random_u32(state) % small);
    } else {
        for (int64_t i = 0; i < n; i++) {
            uint64_t value = (uint64_t)low + cd_random_u64(state) % range;
            store(dtype, out, i, (int64_t)value);
        }
    }
    return true;
}

/* Below this a 32-bit word serves each swap. */
static const int64_t PERMUTATION_WORDS = UINT32_MAX / 20;

bool cd_random_permutation(cd_generator_state *state, int64_t *out, int64_t n)
{
    if (!check_out("randperm", out, n)) return false;
    if (n < PERMUTATION_WORDS) {
        /* Fisher and Yates: each place takes one of what is left. */
        for (int64_t i = 0; i < n; i++) out[i] = i;
        for (int64_t i = 0; i < n - 1; i++) {
            int64_t from = i + cd_random_u32(state) % (uint32_t)(n - i), moved = out[i];
            out[i] = out[from];
            out[from] = moved;
        }
        return true;
    }
    /* The same inside out: each number is put at a random place, what stood there moves to the end.
     */
    for (int64_t i = 0; i < n; i++) {
        int64_t place = (int64_t)(cd_random_u64(state) % (uint64_t)(i + 1));
        if (place != i) out[i] = out[place];
        out[place] = i;
    }
    return true;
}

/* --- bernoulli -------------------------------------------------------------------------------- */

static bool check_bernoulli(const char *what, cd_dtype dtype, double p)
{
    if (!check_known(what, dtype)) return false;
    return (p >= 0 && p <= 1) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: p must be from 0 to 1, not %g", what, p);
}

bool cd_random_bernoulli(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double p)
{
    if (!check_out("bernoulli", out, n) || !check_bernoulli("bernoulli", dtype, p)) return false;
    for (int64_t i = 0; i < n; i++) store(dtype, out, i, cd_random_f64(state) < p);
    return true;
}

static double probability(cd_dtype dtype, const void *p, int64_t i)
{
    return dtype == CD_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

int64_t cd_random_first_improbable(cd_dtype dtype, const void *p, int64_t n)
{
    int64_t i = 0;
    while (i < n && probability(dtype, p, i) >= 0 && probability(dtype, p, i) <= 1) i++;
    return i;
}

static bool check_each(cd_dtype dtype, const void *p, int64_t n)
{
    if (!check_out("bernoulli", p, n) || !check_floating("bernoulli", dtype)) return false;
    int64_t i = cd_random_first_improbable(dtype, p, n);
    return i == n || cd_fail(CD_ERR_ARGUMENT, "bernoulli: p must be from 0 to 1, but p[%lld] is %g",
                             (long long)i, probability(dtype, p, i));
}

bool cd_random_bernoulli_each(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                              cd_dtype p_dtype, const void *p)
{
    if (!check_out("bernoulli", out, n) || !check_known("bernoulli", dtype)) return false;
    if (!check_each(p_dtype, p, n)) return false;
    const float *p_f32 = p;
    const double *p_f64 = p;
    for (int64_t i = 0; i < n; i++) {
        bool one =
            p_dtype == CD_F32 ? cd_random_f32(state) < p_f32[i] : cd_random_f64(state) < p_f64[i];
        store(dtype, out, i, one);
    }
    return true;
}

bool cd_draw_check(const cd_draw *draw, cd_dtype dtype, const char *function)
{
    if (draw->kind == CD_DRAW_UNIFORM) return check_uniform(function, dtype, draw->a, draw->b);
    if (draw->kind == CD_DRAW_NORMAL) return check_normal(function, dtype, draw->b);
    return check_bernoulli(function, dtype, draw->a);
}
