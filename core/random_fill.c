/* Distributions. How many words of the generator each element takes, and which of their bits,
 * follows PyTorch 2.15 (ATen/native/cpu/DistributionTemplates.h and
 * ATen/core/DistributionsHelper.h), so that the numbers are PyTorch's. */
#include "core/random_internal.h"

#include <math.h>

#include "core/dtype_internal.h"
#include "core/error.h"

static const double TWO_PI = 6.283185307179586476925286766559;

static bool check_out(const char *function, const void *out, int64_t n)
{
    if (n < 0) return cd_fail(CD_ERR_ARGUMENT, "%s: %lld elements", function, (long long)n);
    if (!out && n > 0) return cd_fail(CD_ERR_ARGUMENT, "%s: nowhere to write to (NULL)", function);
    return true;
}

static bool check_known(const char *function, cd_dtype dtype)
{
    if (cd_dtype_size(dtype) != 0) return true;
    return cd_fail(CD_ERR_DTYPE, "%s: %d is no dtype", function, (int)dtype);
}

static bool check_floating(const char *function, cd_dtype dtype)
{
    if (cd_dtype_is_floating(dtype)) return true;
    if (!check_known(function, dtype)) return false;
    return cd_fail(CD_ERR_DTYPE, "%s: the dtype must be float32 or float64, not %s", function,
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

static bool check_uniform(const char *function, cd_dtype dtype, double from, double to)
{
    if (!check_floating(function, dtype)) return false;
    const double max = cd_float_formats[dtype].max;
    if (fabs(from) <= max && fabs(to) <= max && from <= to && to - from <= max) return true;
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s: from %g to %g is no range of %s: from <= to, and both and their "
                   "difference must be finite",
                   function, from, to, cd_dtype_name(dtype));
}

/* Fills an array of one dtype. The numbers say which distribution: from and to, or mean and std. */
typedef void fill(cd_generator_state *state, void *out, int64_t n, double first, double second);

/* fma rounds once, as PyTorch's AVX2 and AVX-512 builds of this loop do. The result may round to
 * `to`, which is not in the range and becomes `from`. */
static void uniform_f32(cd_generator_state *state, void *out, int64_t n, double from, double to)
{
    float *x = out, a = (float)from, b = (float)to, width = b - a;
    for (int64_t i = 0; i < n; i++) {
        x[i] = fmaf(cd_random_f32(state), width, a);
        if (x[i] == b) x[i] = a;
    }
}

static void uniform_f64(cd_generator_state *state, void *out, int64_t n, double from, double to)
{
    double *x = out, width = to - from;
    for (int64_t i = 0; i < n; i++) {
        x[i] = fma(cd_random_f64(state), width, from);
        if (x[i] == to) x[i] = from;
    }
}

bool cd_random_uniform(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double from,
                       double to)
{
    static fill *const uniform[CD_DTYPE_COUNT] = { [CD_F32] = uniform_f32, [CD_F64] = uniform_f64 };
    if (!check_out("uniform", out, n) || !check_uniform("uniform", dtype, from, to)) return false;
    uniform[dtype](state, out, n, from, to);
    return true;
}

/* --- normal ----------------------------------------------------------------------------------- */

/* The Box-Muller transform makes two independent normal numbers of two uniform ones, u1 and u2:
 *
 *     r = sqrt(-2 log u1),  t = 2 pi u2:   r cos t  and  r sin t */

/* One number, computed in double for both dtypes. Makes two and keeps the second in the state, so
 * every other call only returns that one. */
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

/* From 16 elements on numbers are made in blocks of 16: u1 = 1 - x[j], which is in (0, 1], and
 * u2 = x[j + 8] give x[j] and x[j + 8]. */
enum { BLOCK = 16, HALF = BLOCK / 2 };

static void block_f32(float *x, float mean, float std)
{
    for (int j = 0; j < HALF; j++) {
        float radius = sqrtf(-2 * logf(1 - x[j])), angle = (float)TWO_PI * x[j + HALF];
        /* A product of two floats is exact in double, so each line rounds as a fused
         * multiply-add. */
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

/* Fills the whole array with uniform numbers, then transforms it block by block. If n is not a
 * multiple of 16, draws and transforms the last 16 elements once more, though some of them are
 * finished. */
static void normal_f32(cd_generator_state *state, void *out, int64_t n, double mean_, double std_)
{
    float *x = out;
    const float mean = (float)mean_, std = (float)std_;
    for (int64_t i = 0; i < n; i++) x[i] = cd_random_f32(state);
    for (int64_t i = 0; i + BLOCK <= n; i += BLOCK) block_f32(x + i, mean, std);
    if (n % BLOCK == 0) return;
    float *last = x + n - BLOCK;
    for (int i = 0; i < BLOCK; i++) last[i] = cd_random_f32(state);
    block_f32(last, mean, std);
}

static void normal_f64(cd_generator_state *state, void *out, int64_t n, double mean, double std)
{
    double *x = out;
    for (int64_t i = 0; i < n; i++) x[i] = cd_random_f64(state);
    for (int64_t i = 0; i + BLOCK <= n; i += BLOCK) block_f64(x + i, mean, std);
    if (n % BLOCK == 0) return;
    double *last = x + n - BLOCK;
    for (int i = 0; i < BLOCK; i++) last[i] = cd_random_f64(state);
    block_f64(last, mean, std);
}

static bool check_normal(const char *function, cd_dtype dtype, double std)
{
    if (!check_floating(function, dtype)) return false;
    return std >= 0 || cd_fail(CD_ERR_ARGUMENT, "%s: std must be >= 0, not %g", function, std);
}

bool cd_random_normal_single(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                             double mean, double std)
{
    if (!check_out("normal", out, n) || !check_normal("normal", dtype, std)) return false;
    for (int64_t i = 0; i < n; i++) {
        cd_put_real(dtype, out, i, one_normal(state, mean, std));
    }
    return true;
}

bool cd_random_normal(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double mean,
                      double std)
{
    static fill *const normal[CD_DTYPE_COUNT] = { [CD_F32] = normal_f32, [CD_F64] = normal_f64 };
    if (n < BLOCK) return cd_random_normal_single(state, dtype, out, n, mean, std);
    if (!check_out("normal", out, n) || !check_normal("normal", dtype, std)) return false;
    normal[dtype](state, out, n, mean, std);
    return true;
}

/* --- integers --------------------------------------------------------------------------------- */

bool cd_random_check_integers(cd_dtype dtype, int64_t low, int64_t high)
{
    if (!check_known("randint", dtype)) return false;
    if (low >= high) {
        return cd_fail(CD_ERR_ARGUMENT, "randint: low (%lld) must be below high (%lld)",
                       (long long)low, (long long)high);
    }
    if (cd_dtype_has_integer(dtype, low) && cd_dtype_has_integer(dtype, high - 1)) return true;
    return cd_fail(CD_ERR_ARGUMENT, "randint: %lld to %lld does not fit in %s: %lld to %lld does",
                   (long long)low, (long long)(high - 1), cd_dtype_name(dtype),
                   (long long)cd_integer_ranges[dtype].min,
                   (long long)cd_integer_ranges[dtype].max);
}

bool cd_random_integers(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                        int64_t low, int64_t high)
{
    if (!check_out("randint", out, n) || !cd_random_check_integers(dtype, low, high)) return false;
    uint64_t range = (uint64_t)high - (uint64_t)low;
    /* The remainder makes small numbers more likely, by at most a sixteenth since larger ranges
     * draw 64 bits. PyTorch does the same. */
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

/* Permutations of fewer elements draw 32 bits for each swap, others 64, as in PyTorch. */
static const int64_t PERMUTATION_U32 = UINT32_MAX / 20;

bool cd_random_permutation(cd_generator_state *state, int64_t *out, int64_t n)
{
    if (!check_out("randperm", out, n)) return false;
    if (n < PERMUTATION_U32) {
        /* Fisher-Yates: each index in turn gets one of the elements that are left. */
        for (int64_t i = 0; i < n; i++) out[i] = i;
        for (int64_t i = 0; i < n - 1; i++) {
            int64_t j = i + cd_random_u32(state) % (uint32_t)(n - i), swapped = out[i];
            out[i] = out[j];
            out[j] = swapped;
        }
        return true;
    }
    /* Fisher-Yates inside out: i goes to a random index, and the element that was there to
     * the end. */
    for (int64_t i = 0; i < n; i++) {
        int64_t j = (int64_t)(cd_random_u64(state) % (uint64_t)(i + 1));
        if (j != i) out[i] = out[j];
        out[j] = i;
    }
    return true;
}

/* --- bernoulli -------------------------------------------------------------------------------- */

static bool check_bernoulli(const char *function, cd_dtype dtype, double p)
{
    if (!check_known(function, dtype)) return false;
    return (p >= 0 && p <= 1) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: p must be from 0 to 1, not %g", function, p);
}

bool cd_random_bernoulli(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double p)
{
    if (!check_out("bernoulli", out, n) || !check_bernoulli("bernoulli", dtype, p)) return false;
    for (int64_t i = 0; i < n; i++) store(dtype, out, i, cd_random_f64(state) < p);
    return true;
}

int64_t cd_random_first_improbable(cd_dtype dtype, const void *p, int64_t n)
{
    int64_t i = 0;
    while (i < n && cd_real_at(dtype, p, i) >= 0 && cd_real_at(dtype, p, i) <= 1) i++;
    return i;
}

static bool check_each(cd_dtype dtype, const void *p, int64_t n)
{
    if (!check_out("bernoulli", p, n) || !check_floating("bernoulli", dtype)) return false;
    int64_t i = cd_random_first_improbable(dtype, p, n);
    return i == n || cd_fail(CD_ERR_ARGUMENT, "bernoulli: p must be from 0 to 1, but p[%lld] is %g",
                             (long long)i, cd_real_at(dtype, p, i));
}

/* Draws for probabilities of one floating dtype. float32 takes fewer bits of the generator. */
typedef void draw_each(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                       const void *p);

static void draw_each_f32(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                          const void *p_)
{
    const float *p = p_;
    for (int64_t i = 0; i < n; i++) store(dtype, out, i, cd_random_f32(state) < p[i]);
}

static void draw_each_f64(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                          const void *p_)
{
    const double *p = p_;
    for (int64_t i = 0; i < n; i++) store(dtype, out, i, cd_random_f64(state) < p[i]);
}

bool cd_random_bernoulli_each(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                              cd_dtype p_dtype, const void *p)
{
    static draw_each *const draw[CD_DTYPE_COUNT] = {
        [CD_F32] = draw_each_f32, [CD_F64] = draw_each_f64
    };
    if (!check_out("bernoulli", out, n) || !check_known("bernoulli", dtype)) return false;
    if (!check_each(p_dtype, p, n)) return false;
    draw[p_dtype](state, dtype, out, n, p);
    return true;
}

bool cd_draw_check(const cd_draw *draw, cd_dtype dtype, const char *function)
{
    if (draw->kind == CD_DRAW_UNIFORM) return check_uniform(function, dtype, draw->a, draw->b);
    if (draw->kind == CD_DRAW_NORMAL) return check_normal(function, dtype, draw->b);
    return check_bernoulli(function, dtype, draw->a);
}
